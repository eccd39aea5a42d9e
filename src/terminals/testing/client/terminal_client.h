// TerminalClient: a viewer of docs/protocol/terminal.md that survives its connections, for
// integration tests and benchmarks. Blocking. Checks offsets as it reads: a byte that is missing or
// doubled is an error, never silence.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/terminal_messages.h"
#include "terminals/testing/client/message_stream.h"

namespace paddock::terminals::testing {

class TerminalClient {
 public:
  struct Options {
    protocol::terminal::ClientName name{};
    std::uint64_t window = std::uint64_t{512} << 10U;
    std::uint16_t column_count = 80;
    std::uint16_t row_count = 24;
    bool own = true;
    bool watch = false;
  };
  /// Gets every byte of output once, in order.
  using Sink = std::function<void(std::string_view bytes)>;

  TerminalClient(Options options, Sink sink) : options_(options), sink_(std::move(sink)) {}

  /// Attaches over `stream`, which replaces the one before: resumes where that one stopped, and
  /// sends again what had not been taken.
  [[nodiscard]] Result<void> Attach(std::unique_ptr<MessageStream> stream, Deadline deadline);
  /// Cuts the connection. What is on its way is lost.
  void Cut() { stream_.reset(); }

  [[nodiscard]] Result<void> Type(std::string_view bytes);
  [[nodiscard]] Result<void> Resize(std::uint16_t column_count, std::uint16_t row_count);

  /// Handles one message. kDeadlineExceeded when none came; kCancelled when the conversation is
  /// over (see exit(), failure()); kInternal when the protocol's promises were broken.
  [[nodiscard]] Result<void> Step(Deadline deadline);

  [[nodiscard]] std::uint64_t offset() const noexcept { return next_; }
  [[nodiscard]] int reset_count() const noexcept { return reset_count_; }
  [[nodiscard]] std::uint64_t taken() const noexcept { return taken_; }
  [[nodiscard]] const std::optional<protocol::terminal::Attached>& attached() const noexcept {
    return attached_;
  }
  [[nodiscard]] const std::optional<protocol::terminal::Exit>& exit() const noexcept {
    return exit_;
  }
  [[nodiscard]] std::optional<protocol::terminal::Failure> failure() const noexcept {
    return failure_;
  }

 private:
  [[nodiscard]] Result<void> Handle(const protocol::terminal::TerminalMessage& message);
  [[nodiscard]] Result<void> OnAttached(const protocol::terminal::Attached& attached);
  [[nodiscard]] Result<void> Grant();
  [[nodiscard]] Result<void> SendInput();

  Options options_;
  Sink sink_;
  std::unique_ptr<MessageStream> stream_;
  bool started_ = false;
  bool live_ = false;  // ATTACHED came on this stream
  std::uint64_t next_ = 0;
  std::uint64_t granted_ = 0;
  std::string unsent_;  // typed, and not known as taken; begins at taken_
  std::uint64_t taken_ = 0;
  std::uint64_t sent_ = 0;
  int reset_count_ = 0;
  std::optional<protocol::terminal::Attached> attached_;
  std::optional<protocol::terminal::Exit> exit_;
  std::optional<protocol::terminal::Failure> failure_;
};

}  // namespace paddock::terminals::testing
