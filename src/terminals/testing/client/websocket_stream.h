// WebSocketStream: a viewer's socket through the server, RFC 6455 without TLS. Blocking.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "terminals/testing/client/message_stream.h"

namespace paddock::terminals::testing {

class WebSocketStream : public MessageStream {
 public:
  /// `target` is the path with its query; `headers` are whole lines ("Authorization: …\r\n").
  [[nodiscard]] static Result<std::unique_ptr<WebSocketStream>> Connect(std::uint16_t port,
                                                                        const std::string& target,
                                                                        const std::string& headers);
  Result<void> Send(std::string_view message) override;
  Result<std::string_view> Receive(Deadline deadline) override;

  /// To wait for several streams at once; more may have been received already than was given out.
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  /// Of the close frame that ended it; zero before, and when there was none.
  [[nodiscard]] std::uint16_t close_code() const noexcept { return close_code_; }

 private:
  struct Frame {
    std::uint8_t opcode;
    std::string_view payload;
  };

  explicit WebSocketStream(UniqueFd fd);
  [[nodiscard]] Result<void> Fill(std::size_t count, Deadline deadline);
  [[nodiscard]] Result<Frame> NextFrame(Deadline deadline);
  [[nodiscard]] Result<void> SendFrame(std::uint8_t opcode, std::string_view payload);

  UniqueFd fd_;
  std::vector<char> space_;  // made once: clearing it anew for every message is what one would time
  std::string buffer_;
  std::size_t begin_ = 0;  // of what was not given out
  std::uint16_t close_code_ = 0;
};

}  // namespace paddock::terminals::testing
