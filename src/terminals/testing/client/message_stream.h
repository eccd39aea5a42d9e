// MessageStream: how a TerminalClient reaches a terminal. Blocking; for tests and benchmarks.
//
// Implementations: AgentStream (straight to an agent's socket) and WebSocketStream (through the
// server). Threading: one thread. Dropping the stream cuts the connection, without a goodbye.
#pragma once

#include <string>
#include <string_view>

#include "base/deadline.h"
#include "base/result.h"

namespace paddock::terminals::testing {

class MessageStream {
 public:
  virtual ~MessageStream() = default;
  [[nodiscard]] virtual Result<void> Send(std::string_view message) = 0;
  /// The next message; valid until the next Receive. Fails with kDeadlineExceeded, kCancelled (the
  /// other side closed) or kUnavailable (cut).
  [[nodiscard]] virtual Result<std::string_view> Receive(Deadline deadline) = 0;
};

}  // namespace paddock::terminals::testing
