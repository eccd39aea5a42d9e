#include "sqlrunner/session_worker.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sqlrunner/server_messages.h"
#include "sqlrunner/session_rules.h"

namespace paddock::sqlrunner {
namespace {

constexpr std::chrono::milliseconds kCancelInterval{200};

}  // namespace

SessionWorker::SessionWorker(OpenContext context, Results& results, SessionTimes times, End end)
    : context_(std::move(context)),
      results_(results),
      times_(times),
      end_(std::move(end)),
      cancelling_(context_.executor) {}

Result<void> SessionWorker::Enqueue(ClientMessage message) {
  const bool is_open = std::holds_alternative<OpenMessage>(message.body);
  if (is_open == was_asked_to_open_) {
    return Fail(Code::kConflict, is_open ? "the session is open already: a socket is one session"
                                         : "the session is not open: the first message is open");
  }
  const std::size_t bytes = BytesOf(message);
  if (queue_.size() >= kQueuedRequestsMax || queued_bytes_ + bytes > kQueuedBytesMax) {
    return Fail(Code::kExhausted, "too many requests wait for this session: wait for their ends");
  }
  was_asked_to_open_ = true;
  queued_bytes_ += bytes;
  queue_.push_back(std::move(message));
  changed_.NotifyAll();
  return {};
}

std::optional<std::string> SessionWorker::CompleteNow(RequestId id,
                                                      const CompleteMessage& message) const {
  const bool could_read = session_ != nullptr && !is_busy() && queue_.empty();
  if (could_read && !is_catalog_fresh_) {
    return std::nullopt;
  }
  return CompletionsText(id,
                         sqlrunner::Complete(message.text, message.position, dialect_, catalog_));
}

void SessionWorker::AddCredit(RequestId id, std::uint64_t rows) {
  if (execution_ != nullptr && execution_->id == id) {
    execution_->credit = std::min(execution_->credit + rows, kCreditMax);
    execution_->changed.NotifyAll();
  }
}

void SessionWorker::Cancel() {
  if (execution_ == nullptr || execution_->is_cancelled) {
    return;
  }
  execution_->is_cancelled = true;
  execution_->changed.NotifyAll();
  if (is_in_statement_) {
    BeginStatement();
  }
}

/// A database that has not begun yet with what it is to stop forgets that it was told: it is told
/// until the statement has ended.
aio::Task<void> SessionWorker::SendCancel() {
  while (is_in_statement_) {
    const auto deadline = Deadline::After(times_.cancel_max);
    [[maybe_unused]] auto sent = co_await session_->Cancel(deadline);
    if (!is_in_statement_) {
      break;
    }
    auto woken = co_await changed_.Wait(Deadline::After(kCancelInterval));
    if (!woken && woken.error().code == Code::kCancelled) {
      break;
    }
  }
  is_cancelling_ = false;
  changed_.NotifyAll();
}

/// Somebody may have asked to cancel while the request was on its way here.
void SessionWorker::BeginStatement() {
  is_in_statement_ = true;
  if (execution_->is_cancelled && !is_cancelling_) {
    is_cancelling_ = true;
    cancelling_.Spawn(SendCancel());
  }
}

void SessionWorker::EndStatement() {
  is_in_statement_ = false;
  changed_.NotifyAll();
}

/// A cancel that is under way must not hit the statement after the one that it was meant for.
aio::Task<void> SessionWorker::AwaitCancelled() {
  while (is_cancelling_) {
    auto woken = co_await changed_.Wait(Deadline::Never());
    if (!woken) {
      co_return;
    }
  }
}

aio::Task<void> SessionWorker::Close() {
  cancelling_.Cancel();
  co_await cancelling_.Join();
  session_.reset();
}

aio::Task<Result<void>> SessionWorker::Say(std::string text) {
  auto sent = co_await context_.channel.Send(text);
  co_return sent;
}

aio::Task<void> SessionWorker::Run() {
  for (;;) {
    while (queue_.empty()) {
      auto woken = co_await changed_.Wait(Deadline::Never());
      if (!woken) {
        co_return;
      }
    }
    ClientMessage message = std::move(queue_.front());
    queue_.pop_front();
    queued_bytes_ -= BytesOf(message);
    execution_ = std::make_unique<Execution>();
    execution_->id = message.id;
    auto done = co_await Do(std::move(message));
    co_await AwaitCancelled();
    execution_.reset();
    if (!done) {
      co_return;  // the client is gone, or this was cancelled
    }
    if (is_lost()) {
      co_await EndLost();
      co_return;
    }
  }
}

aio::Task<Result<void>> SessionWorker::Do(ClientMessage message) {
  const RequestId id = message.id;
  Result<void> done;
  if (auto* open = std::get_if<OpenMessage>(&message.body)) {
    done = co_await Open(id, std::move(*open));
  } else if (auto* execute = std::get_if<ExecuteMessage>(&message.body)) {
    done = co_await Execute(id, std::move(*execute));
  } else if (auto* explain = std::get_if<ExplainMessage>(&message.body)) {
    done = co_await Explain(id, std::move(*explain));
  } else if (auto* complete = std::get_if<CompleteMessage>(&message.body)) {
    done = co_await Complete(id, std::move(*complete));
  } else if (std::holds_alternative<DescribeMessage>(message.body)) {
    done = co_await Describe(id);
  }
  co_return done;
}

aio::Task<Result<void>> SessionWorker::Open(RequestId id, OpenMessage message) {
  auto opened =
      co_await OpenSession(context_, std::move(message), Deadline::After(times_.open_max));
  if (!opened) {
    std::string text = FailedText(id, opened.error());
    auto told = co_await Say(std::move(text));
    end_("open_failed", std::string(opened.error().reason()));
    co_return told;
  }
  session_ = std::move(opened->session);
  is_registered_ = opened->read_only;
  dialer_ = std::move(opened->dialer);
  dialect_ = opened->dialect;
  const OpenedSession said{.engine = sql::Name(dialect_),
                           .version = session_->server_version(),
                           .database = opened->database,
                           .user = opened->user,
                           .transaction = session_->transaction(),
                           .read_only = opened->read_only};
  std::string text = OpenedText(id, said);
  auto told = co_await Say(std::move(text));
  co_return told;
}

aio::Task<Result<void>> SessionWorker::Execute(RequestId id, ExecuteMessage message) {
  execution_->store = message.store;
  const std::uint64_t most = message.store ? kStoredRowsMax : kStreamRowsMax;
  execution_->rows_max = std::min(message.rows_max.value_or(most), most);
  truncated_ = {};
  auto spans = sql::Split(message.text, dialect_, kStatementsMax + 1);
  if (spans.size() > kStatementsMax) {
    spans.resize(kStatementsMax);
    truncated_ = "statements";
  }
  for (std::size_t i = 0; i < spans.size() && !execution_->is_cancelled; ++i) {
    const auto [begin, end] = spans[i];
    const std::string text = StatementText(id, i, begin, end);
    auto begun = co_await context_.channel.Gather(text);
    if (!begun) {
      co_return begun;
    }
    auto statement = message.text.substr(begin, end - begin);
    auto ran = co_await RunStatement(std::move(statement), i, begin);
    if (!ran) {
      co_return Fail(std::move(ran).error());
    }
    if (is_lost() || !truncated_.empty() || (*ran == Verdict::kStop && message.stop_on_error)) {
      break;
    }
  }
  if (is_lost()) {
    co_return Result<void>();  // the conversation ends, and says why
  }
  std::string text = DoneText(id, session_->transaction(), execution_->is_cancelled, truncated_);
  auto told = co_await Say(std::move(text));
  co_return told;
}

aio::Task<Result<SessionWorker::Verdict>> SessionWorker::RunStatement(std::string statement,
                                                                      std::size_t index,
                                                                      std::size_t offset) {
  is_catalog_fresh_ = is_catalog_fresh_ && !MayChangeCatalog(statement);
  if (execution_->is_cancelled) {
    Error before{.code = Code::kCancelled, .message = "cancelled before it began"};
    auto told = co_await TellFailure(std::move(before), index);
    co_return told;
  }
  const auto deadline = Deadline::After(times_.statement_max);
  StatementSink sink({.channel = context_.channel,
                      .execution = *execution_,
                      .results = results_,
                      .dialect = dialect_,
                      .deadline = deadline});
  BeginStatement();
  auto outcome = co_await session_->Execute(std::move(statement), sink, deadline);
  EndStatement();
  co_await AwaitCancelled();
  auto finished = co_await sink.Finish();
  if (!finished) {
    co_return Fail(std::move(finished).error());
  }
  if (!outcome && sink.was_cut() && outcome.error().code == Code::kExhausted) {
    co_return Verdict::kGoOn;  // we stopped it, and have said so
  }
  if (!outcome) {
    auto told = co_await TellFailure(std::move(outcome).error(), index);
    co_return told;
  }
  if (!*outcome) {
    co_return Verdict::kGoOn;
  }
  const std::string text = ErrorText(execution_->id, index, **outcome, offset);
  auto told = co_await context_.channel.Gather(text);
  if (!told) {
    co_return Fail(std::move(told).error());
  }
  co_return Verdict::kStop;
}

/// Of Paddock, not of the statement.
aio::Task<Result<SessionWorker::Verdict>> SessionWorker::TellFailure(Error failure,
                                                                     std::size_t index) {
  if (is_lost()) {
    co_return Verdict::kStop;
  }
  if (failure.code == Code::kCancelled && !execution_->is_cancelled) {
    co_return Fail(std::move(failure));  // the conversation ends
  }
  if (failure.code == Code::kDeadlineExceeded) {
    truncated_ = "time";
    failure.message = fmt::format("the statement was stopped: it took longer than {} s",
                                  times_.statement_max.count());
    failure.context_size = 0;
  }
  const std::string text = ErrorText(execution_->id, index, AsStatementError(failure), 0);
  auto told = co_await context_.channel.Gather(text);
  if (!told) {
    co_return Fail(std::move(told).error());
  }
  co_return Verdict::kStop;
}

aio::Task<Result<void>> SessionWorker::Explain(RequestId id, ExplainMessage message) {
  const auto spans = sql::Split(message.text, dialect_, 2);
  if (spans.size() != 1) {
    const Error several{.code = Code::kInvalid, .message = "explain takes one statement"};
    std::string text = FailedText(id, several);
    auto told = co_await Say(std::move(text));
    co_return told;
  }
  const auto [begin, end] = spans.front();
  BeginStatement();
  auto statement = message.text.substr(begin, end - begin);
  auto explained = co_await session_->Explain(std::move(statement), message.analyze,
                                              Deadline::After(times_.statement_max));
  EndStatement();
  if (is_lost()) {
    co_return Result<void>();
  }
  std::string text;
  if (!explained) {
    text = FailedText(id, explained.error());
  } else if (explained->plan) {
    text = PlanText(id, *explained->plan);
  } else {
    text = ErrorText(id, 0, explained->error.value_or(sql::StatementError()), begin);
  }
  auto told = co_await Say(std::move(text));
  co_return told;
}

aio::Task<Result<void>> SessionWorker::RefreshCatalog() {
  BeginStatement();
  auto described = co_await session_->Describe(Deadline::After(times_.describe_max));
  EndStatement();
  if (!described) {
    co_return Fail(std::move(described).error());
  }
  catalog_ = *std::move(described);
  is_catalog_fresh_ = true;
  co_return Result<void>();
}

aio::Task<Result<void>> SessionWorker::Describe(RequestId id) {
  auto read = co_await RefreshCatalog();
  if (is_lost()) {
    co_return Result<void>();
  }
  std::string text = read ? CatalogText(id, catalog_) : FailedText(id, read.error());
  auto told = co_await Say(std::move(text));
  co_return told;
}

/// Without a catalog, because a transaction has failed perhaps, the keywords are left.
aio::Task<Result<void>> SessionWorker::Complete(RequestId id, CompleteMessage message) {
  if (!is_catalog_fresh_) {
    [[maybe_unused]] auto read = co_await RefreshCatalog();
  }
  if (is_lost()) {
    co_return Result<void>();
  }
  const auto found = sqlrunner::Complete(message.text, message.position, dialect_, catalog_);
  std::string text = CompletionsText(id, found);
  auto told = co_await Say(std::move(text));
  co_return told;
}

/// A sandbox that is not there any more is another reason than a database that has ended.
aio::Task<void> SessionWorker::EndLost() {
  auto again = co_await dialer_->Dial(Deadline::After(times_.cancel_max));
  const bool is_stopped =
      !again && (again.error().code == Code::kNotFound || again.error().code == Code::kConflict);
  if (is_stopped) {
    end_("sandbox_stopped", "the sandbox has stopped: start it and open the session again");
  } else {
    end_("database_gone",
         "the connection to the database ended: open the session again. What was not committed is "
         "rolled back");
  }
}

}  // namespace paddock::sqlrunner
