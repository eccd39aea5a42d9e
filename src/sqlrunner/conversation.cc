#include "sqlrunner/conversation.h"

#include <algorithm>
#include <utility>

#include "sqlrunner/server_messages.h"

namespace paddock::sqlrunner {
namespace {

constexpr std::uint16_t kClosedByClient = 1000;
constexpr std::uint16_t kClosedByRunner = 4000;
constexpr std::chrono::seconds kGoodbyeTimeMax{5};
constexpr std::chrono::seconds kStopTimeMax{3};
constexpr std::chrono::milliseconds kStopInterval{20};
// A task that waited for nothing just then has not noticed; it is told again.
constexpr std::chrono::milliseconds kCancelIntervalMin{1};
constexpr std::chrono::milliseconds kCancelIntervalMax{256};

bool IsRead(const ClientMessage& message) {
  return std::holds_alternative<ViewMessage>(message.body) ||
         std::holds_alternative<ExportMessage>(message.body);
}

}  // namespace

Conversation::Conversation(const boost::asio::any_io_executor& executor,
                           ConversationConfig config,
                           ConversationParts parts,
                           std::unique_ptr<ClientChannel> channel)
    : config_(std::move(config)),
      channel_(std::move(channel)),
      results_(config_.spill_directory, parts.pool, parts.budget),
      relays_(executor),
      worker_({.executor = executor,
               .engines = parts.engines,
               .channel = *channel_,
               .egress = config_.egress,
               .relays = relays_},
              results_,
              config_.times,
              [this](std::string_view reason, std::string message) {
                End(reason, std::move(message));
              }),
      reader_(*channel_, results_),
      scope_(executor) {}

void Conversation::End(std::string_view reason, std::string message) {
  if (!ending_) {
    ending_ = Ending{.reason = std::string(reason), .message = std::move(message)};
    changed_.NotifyAll();
  }
}

aio::Task<void> Conversation::Run() {
  scope_.Spawn(ReadMessages());
  scope_.Spawn(worker_.Run());
  scope_.Spawn(reader_.Run());
  scope_.Spawn(WatchIdle());
  bool is_cancelled = false;
  while (!ending_ && !is_cancelled) {
    auto woken = co_await changed_.Wait(Deadline::Never());
    is_cancelled = !woken;
  }
  if (!is_cancelled) {
    scope_.Spawn(SayGoodbye());
    const auto patience = Deadline::After(kGoodbyeTimeMax);
    while (!has_said_goodbye_ && !is_cancelled) {
      auto woken = co_await changed_.Wait(patience);
      is_cancelled = !woken;  // or it does not read
    }
  }
  channel_->Close();
  worker_.Cancel();
  co_await AwaitStopped();
  co_await EndAll(scope_);
  co_await worker_.Close();
  co_await EndAll(relays_);
}

/// A database that is not asked to stop works on for somebody who is gone.
aio::Task<void> Conversation::AwaitStopped() {
  const auto patience = Deadline::After(kStopTimeMax);
  while (worker_.is_stopping() && !patience.Passed()) {
    auto woken = co_await changed_.Wait(Deadline::After(kStopInterval));
    if (!woken && woken.error().code == Code::kCancelled) {
      co_return;
    }
  }
}

aio::Task<void> Conversation::EndAll(aio::TaskScope& scope) {  // a part of this
  auto interval = kCancelIntervalMin;
  while (scope.running_count() > 0) {
    scope.Cancel();
    // Cancelled itself, this waits no longer; the tasks end all the same.
    auto woken = co_await changed_.Wait(Deadline::After(interval));
    if (!woken && woken.error().code == Code::kCancelled) {
      break;
    }
    interval = std::min(2 * interval, kCancelIntervalMax);
  }
  co_await scope.Join();
}

aio::Task<void> Conversation::SayGoodbye() {
  if (!ending_->reason.empty()) {
    const std::string text = ClosedText(ending_->reason, ending_->message);
    [[maybe_unused]] auto told = co_await channel_->Send(text);
  }
  const auto code = ending_->reason.empty() ? kClosedByClient : kClosedByRunner;
  [[maybe_unused]] auto said = co_await channel_->SayEnd(code);
  has_said_goodbye_ = true;
  changed_.NotifyAll();
}

aio::Task<void> Conversation::ReadMessages() {
  while (!ending_) {
    auto text = co_await channel_->Receive();
    if (!text) {
      break;
    }
    active_at_ = Clock::now();
    auto taken = co_await Take(*std::move(text));
    if (!taken) {
      break;
    }
  }
  End({}, {});
}

aio::Task<Result<void>> Conversation::Take(std::string text) {
  auto message = ParseClientMessage(text);
  text = std::string();
  std::string failure;
  if (!message) {
    const Error invalid{.code = Code::kInvalid, .message = std::move(message.error().message)};
    failure = FailedText(message.error().id, invalid);
  } else if (std::holds_alternative<CompleteMessage>(message->body)) {
    auto completed = co_await TakeComplete(*std::move(message));
    co_return completed;
  } else {
    const RequestId id = message->id;
    auto dispatched = Dispatch(*std::move(message));
    if (dispatched) {
      co_return Result<void>();
    }
    failure = FailedText(id, dispatched.error());
  }
  auto sent = co_await channel_->Send(failure);
  co_return sent;
}

aio::Task<Result<void>> Conversation::TakeComplete(ClientMessage message) {
  const RequestId id = message.id;
  auto answer = worker_.CompleteNow(id, std::get<CompleteMessage>(message.body));
  if (!answer) {
    auto queued = worker_.Enqueue(std::move(message));
    if (queued) {
      co_return Result<void>();
    }
    answer = FailedText(id, queued.error());
  }
  auto sent = co_await channel_->Send(*answer);
  co_return sent;
}

Result<void> Conversation::Dispatch(ClientMessage message) {
  if (const auto* more = std::get_if<MoreMessage>(&message.body)) {
    worker_.AddCredit(message.id, more->rows);
  } else if (std::holds_alternative<CancelMessage>(message.body)) {
    worker_.Cancel();
    reader_.Cancel();
  } else if (const auto* drop = std::get_if<DropMessage>(&message.body)) {
    results_.Drop(drop->result);
  } else if (std::holds_alternative<CloseMessage>(message.body)) {
    End({}, {});
  } else if (IsRead(message)) {
    return reader_.Enqueue(std::move(message));
  } else {
    return worker_.Enqueue(std::move(message));
  }
  return {};
}

aio::Task<void> Conversation::WatchIdle() {
  while (!ending_) {
    auto woken = co_await changed_.Wait(Deadline::At(active_at_ + config_.idle_max));
    if (woken || woken.error().code == Code::kCancelled) {
      co_return;
    }
    if (worker_.is_busy()) {
      active_at_ = Clock::now();
    }
    if (Clock::now() - active_at_ >= config_.idle_max) {
      End("idle", "nothing has happened for a long time: open the session again");
    }
  }
}

}  // namespace paddock::sqlrunner
