#include "terminals/relay.h"

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/this_coro.hpp>

#include "aio/condition.h"
#include "aio/task_scope.h"
#include "base/deadline.h"
#include "protocol/limits.h"
#include "terminals/relay_rules.h"

namespace paddock::terminals {
namespace {

namespace wire = protocol::terminal;
using wire::Failure;
using Clock = std::chrono::steady_clock;

/// What waits for a viewer whose socket is busy; beyond it the agent is not read.
constexpr std::size_t kOutboxBytesMax = std::size_t{256} << 10U;
/// Dragging a window's edge sends hundreds of sizes a second; the program gets the last of each.
constexpr std::chrono::milliseconds kResizeInterval{20};
/// How long the goodbye may take when the server stops.
constexpr std::chrono::seconds kFarewellTimeout{1};
/// Nothing here waits longer without looking again.
constexpr std::chrono::hours kLookAgain{1};
constexpr std::uint16_t kCloseProtocolError = 1002;
constexpr std::uint16_t kCloseErrorBase = 4000;

std::string_view Explain(Failure failure) {
  switch (failure) {
    case Failure::kNoTerminal: return "no such terminal";
    case Failure::kNotRunning: return "the sandbox is not running";
    case Failure::kGone: return "the sandbox is gone";
    case Failure::kStopping: return "the server is stopping: attach again";
    default: return "protocol error";
  }
}

std::uint16_t CloseCodeOf(Failure failure) {
  return static_cast<std::uint16_t>(kCloseErrorBase + static_cast<std::uint16_t>(failure));
}

std::string ErrorMessage(Failure failure) {
  std::string message;
  wire::Append(message, wire::Error{.code = failure, .text = Explain(failure)});
  return message;
}

class Conversation {
 public:
  Conversation(ViewerSocket& socket,
               std::unique_ptr<sandbox::TerminalChannel> channel,
               boost::asio::any_io_executor executor)
      : socket_(socket), channel_(std::move(channel)), tasks_(std::move(executor)) {}

  aio::Task<void> Run();

 private:
  struct Outgoing {
    std::string message;
    bool is_output = false;
    std::uint64_t end = 0;  // of the output that was let through up to this message
  };

  aio::Task<void> ReadViewer();
  aio::Task<void> WriteAgent();
  aio::Task<void> ReadAgent();
  aio::Task<void> WriteViewer();

  [[nodiscard]] std::optional<std::string> NextForAgent();
  [[nodiscard]] Deadline NextLook() const;
  void Enqueue(std::string message, bool is_output);
  void NotifyOfCredit();
  void CloseWith(std::uint16_t code);
  void FailWith(Failure failure);
  void End();

  ViewerSocket& socket_;
  std::unique_ptr<sandbox::TerminalChannel> channel_;
  RelayRules rules_;

  // To the agent: one message at a time, so that a viewer whose input is not taken is not read.
  std::optional<std::string> from_viewer_;
  std::optional<std::string> resize_;
  Clock::time_point resize_allowed_at_;
  aio::Condition to_agent_;  // there may be something to send
  aio::Condition from_viewer_taken_;

  // To the viewer.
  std::deque<Outgoing> outbox_;
  std::size_t outbox_bytes_ = 0;
  std::optional<std::uint16_t> close_code_;  // once the outbox is empty
  aio::Condition to_viewer_;
  aio::Condition outbox_room_;

  bool ended_ = false;
  aio::Condition end_;
  aio::TaskScope tasks_;
};

aio::Task<void> Conversation::Run() {
  tasks_.Spawn(ReadViewer());
  tasks_.Spawn(WriteAgent());
  tasks_.Spawn(ReadAgent());
  tasks_.Spawn(WriteViewer());
  while (!ended_) {
    auto waited = co_await end_.Wait(Deadline::After(kLookAgain));
    if (!waited && waited.error().code == Code::kCancelled) {
      FailWith(Failure::kStopping);
      break;
    }
  }
  const auto farewell = Deadline::After(kFarewellTimeout);
  while (!ended_) {
    auto waited = co_await end_.Wait(farewell);
    if (!waited) {
      break;
    }
  }
  tasks_.Cancel();
  co_await tasks_.Join();
}

aio::Task<void> Conversation::ReadViewer() {
  while (!ended_) {
    auto message = co_await socket_.Receive();
    if (!message) {
      End();  // gone, or told already
      co_return;
    }
    if (close_code_) {
      continue;
    }
    switch (rules_.OnViewer(*message)) {
      case RelayRules::ViewerAction::kBroken: CloseWith(kCloseProtocolError); continue;
      case RelayRules::ViewerAction::kNone: break;
      case RelayRules::ViewerAction::kResize: resize_ = *std::move(message); break;
      case RelayRules::ViewerAction::kForward: from_viewer_ = *std::move(message); break;
    }
    to_agent_.NotifyAll();
    while (from_viewer_ && !ended_) {
      auto waited = co_await from_viewer_taken_.Wait(Deadline::After(kLookAgain));
      if (!waited && waited.error().code == Code::kCancelled) {
        co_return;
      }
    }
  }
}

std::optional<std::string> Conversation::NextForAgent() {
  if (const auto limit = rules_.TakeCreditDue()) {
    std::string message;
    wire::Append(message, wire::Credit{.limit = *limit});
    return message;
  }
  if (resize_ && Clock::now() >= resize_allowed_at_) {
    resize_allowed_at_ = Clock::now() + kResizeInterval;
    return std::exchange(resize_, std::nullopt);
  }
  if (from_viewer_) {
    from_viewer_taken_.NotifyAll();
    return std::exchange(from_viewer_, std::nullopt);
  }
  return std::nullopt;
}

Deadline Conversation::NextLook() const {
  return resize_ ? Deadline::At(resize_allowed_at_) : Deadline::After(kLookAgain);
}

aio::Task<void> Conversation::WriteAgent() {
  while (!ended_) {
    auto message = NextForAgent();
    if (message) {
      auto sent = co_await channel_->Send(*std::move(message));
      if (!sent) {
        co_return;  // ReadAgent learns it too and says why
      }
      continue;
    }
    const auto deadline = NextLook();
    auto waited = co_await to_agent_.Wait(deadline);
    if (!waited && waited.error().code == Code::kCancelled) {
      co_return;
    }
  }
}

aio::Task<void> Conversation::ReadAgent() {
  while (!ended_ && !close_code_) {
    auto message = co_await channel_->Receive();
    if (ended_ || close_code_) {
      co_return;
    }
    if (!message) {
      const bool is_closed = message.error().code == Code::kCancelled;
      FailWith(is_closed ? Failure::kNoTerminal : Failure::kGone);
      co_return;
    }
    switch (rules_.OnAgent(*message)) {
      case RelayRules::AgentAction::kBroken: FailWith(Failure::kProtocol); co_return;
      case RelayRules::AgentAction::kForward: Enqueue(*std::move(message), false); break;
      case RelayRules::AgentAction::kOutput: Enqueue(*std::move(message), true); break;
      case RelayRules::AgentAction::kForwardLast:
        Enqueue(*std::move(message), false);
        CloseWith(rules_.close_code());
        co_return;
    }
    NotifyOfCredit();  // ATTACHED and RESET move it
    while (outbox_bytes_ > kOutboxBytesMax && !ended_) {
      auto waited = co_await outbox_room_.Wait(Deadline::After(kLookAgain));
      if (!waited && waited.error().code == Code::kCancelled) {
        co_return;
      }
    }
  }
}

void Conversation::Enqueue(std::string message, bool is_output) {
  constexpr std::size_t kJoinedMax = protocol::kOutputHeaderBytes + protocol::kTerminalBytesMax;
  const std::string_view payload =
      is_output ? std::string_view(message).substr(protocol::kOutputHeaderBytes) : message;
  if (is_output && !outbox_.empty() && outbox_.back().is_output &&
      outbox_.back().message.size() + payload.size() <= kJoinedMax) {
    outbox_.back().message += payload;
    outbox_.back().end = rules_.next();
    outbox_bytes_ += payload.size();
  } else {
    outbox_bytes_ += message.size();
    outbox_.push_back(
        {.message = std::move(message), .is_output = is_output, .end = rules_.next()});
  }
  to_viewer_.NotifyAll();
}

aio::Task<void> Conversation::WriteViewer() {
  while (!ended_) {
    if (!outbox_.empty()) {
      const Outgoing outgoing = std::move(outbox_.front());
      outbox_.pop_front();
      auto sent = co_await socket_.Send(outgoing.message, std::string_view());
      if (!sent) {
        End();
        co_return;
      }
      outbox_bytes_ -= outgoing.message.size();
      outbox_room_.NotifyAll();
      if (outgoing.is_output) {
        rules_.OnDelivered(outgoing.end);
        NotifyOfCredit();
      }
      continue;
    }
    if (close_code_) {
      std::string reason;
      co_await socket_.Close(*close_code_, std::move(reason));
      End();
      co_return;
    }
    auto waited = co_await to_viewer_.Wait(Deadline::After(kLookAgain));
    if (!waited && waited.error().code == Code::kCancelled) {
      co_return;
    }
  }
}

/// Rarely: a keystroke's echo must not wake the writer for nothing.
void Conversation::NotifyOfCredit() {
  if (rules_.IsCreditDue()) {
    to_agent_.NotifyAll();
  }
}

void Conversation::CloseWith(std::uint16_t code) {
  if (!close_code_) {
    close_code_ = code;
    to_viewer_.NotifyAll();
  }
}

void Conversation::FailWith(Failure failure) {
  if (!close_code_) {
    Enqueue(ErrorMessage(failure), false);
    CloseWith(CloseCodeOf(failure));
  }
}

void Conversation::End() {
  ended_ = true;
  end_.NotifyAll();
  to_agent_.NotifyAll();
  to_viewer_.NotifyAll();
  from_viewer_taken_.NotifyAll();
  outbox_room_.NotifyAll();
}

}  // namespace

aio::Task<void> Relay(ViewerSocket& socket, std::unique_ptr<sandbox::TerminalChannel> channel) {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  const auto executor = co_await boost::asio::this_coro::executor;
  Conversation conversation(socket, std::move(channel), executor);
  co_await conversation.Run();
}

aio::Task<void> Refuse(ViewerSocket& socket, Failure failure) {
  const std::string message = ErrorMessage(failure);
  auto sent = co_await socket.Send(message, std::string_view());
  if (sent) {
    std::string reason(Explain(failure));
    co_await socket.Close(CloseCodeOf(failure), std::move(reason));
  }
}

}  // namespace paddock::terminals
