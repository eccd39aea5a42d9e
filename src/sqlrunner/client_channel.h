// ClientChannel: how a conversation reaches its client and what only the server can give it.
//
// Implemented by LinkChannel (over the socket to the server) and by tests.
// Threading: loop thread; one Receive at a time, which must be under way for Dial to complete.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "sqlrunner/link/dial.h"

namespace paddock::sqlrunner {

/// One of the two.
struct Dialled {
  UniqueFd socket;
  std::optional<ExternalAddress> address;
};

class ClientChannel {
 public:
  virtual ~ClientChannel() = default;

  /// The next message of the client. Fails with kUnavailable or kInvalid when there is no more, and
  /// with kCancelled.
  [[nodiscard]] virtual aio::Task<Result<std::string>> Receive() = 0;

  /// Awaiting is back-pressure. Fails as Receive. `message` outlives the task.
  [[nodiscard]] virtual aio::Task<Result<void>> Send(std::string_view message) = 0;

  /// The same for what others follow soon: it may leave with them, or a millisecond later.
  [[nodiscard]] virtual aio::Task<Result<void>> Gather(std::string_view message) = 0;

  /// Fails as the server says: kNotFound, kConflict (not running), kDenied, kUnavailable, and with
  /// kDeadlineExceeded.
  [[nodiscard]] virtual aio::Task<Result<Dialled>> Dial(DialRequest request, Deadline deadline) = 0;

  /// Says that nothing follows, and with which code the client's socket is to close.
  [[nodiscard]] virtual aio::Task<Result<void>> SayEnd(std::uint16_t close_code) = 0;

  /// Ends it: Receive and Send then fail.
  virtual void Close() = 0;
};

}  // namespace paddock::sqlrunner
