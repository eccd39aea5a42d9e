// RawClient: a blocking TCP client for tests, which sends exactly the bytes it is told to.
//
// Threading: the test's own thread, while the server runs on another. Every wait ends after 10 s.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace paddock::gateway::testing {

struct RawResponse {
  int status = 0;
  std::string head;  // with the empty line
  std::string body;
  /// The value of the first such header, "" without one.
  [[nodiscard]] std::string Header(std::string_view name) const;
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port);

  void Send(std::string_view bytes);
  /// Sends what the kernel takes; false: the server has reset the connection.
  bool TrySend(std::string_view bytes);
  void ShutdownWrite();
  /// Everything until the server closes.
  std::string ReadToEnd();
  /// Exactly `count` bytes, fewer only at the end.
  std::string ReadBytes(std::size_t count);
  /// Up to and with `end`.
  std::string ReadUntil(std::string_view end);
  /// One response with Content-Length or in the chunked coding; status 0 when the server closed.
  RawResponse ReadResponse(bool is_head = false);
  /// True when the server has closed and nothing more is to be read.
  bool IsClosed();
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

 private:
  /// False at the end.
  bool Fill();
  UniqueFd fd_;
  std::string received_;
};

}  // namespace paddock::gateway::testing
