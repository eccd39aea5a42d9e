#include "stores/postgres/pipeline.h"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace paddock::stores::postgres {
namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t kWaitingMax = 4096;
constexpr std::size_t kSentMax = 64;  // a lost connection loses as many
constexpr milliseconds kConnectTimeMax{15'000};
constexpr milliseconds kRetryDelayMin{100};
constexpr milliseconds kRetryDelayMax{5'000};
constexpr milliseconds kWatchInterval{1'000};
// The server ends what is late by itself; one that does not within this time is not there any more.
constexpr milliseconds kGrace{5'000};
constexpr int kEmptyResultsMax = 4;  // libpq ends each answer with one

Error Lost(std::string message) {
  return Error{.code = Code::kUnavailable, .message = std::move(message)};
}

aio::Task<void> Sleep(milliseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace

Pipeline::Pipeline(const asio::any_io_executor& executor,
                   Settings settings,
                   Connection::Mode mode,
                   FailureLog& log)
    : settings_(std::move(settings)), mode_(mode), log_(log), tasks_(executor) {
  tasks_.Spawn(Serve());
  tasks_.Spawn(Watch());
}

Pipeline::~Pipeline() = default;

aio::Task<Outcome> Pipeline::Run(store::Transaction transaction, Deadline deadline) {
  if (deadline.Passed()) {
    co_return Fail(Code::kDeadlineExceeded, "deadline passed before the database was asked");
  }
  if (is_closing_ || (connection_ == nullptr && failure_)) {
    co_return Fail(Code::kUnavailable, failure_.value_or("the database is closing"));
  }
  if (waiting_.size() >= kWaitingMax) {
    co_return Fail(Code::kExhausted, "too many calls wait for the database");
  }
  const auto executor = co_await asio::this_coro::executor;
  auto made = Exchange::Make(executor, std::move(transaction), deadline);
  if (!made) {
    co_return Fail(std::move(made).error());
  }
  const ExchangePtr exchange = *std::move(made);
  waiting_.push_back(exchange);
  Pump();
  exchange->done.expires_at(deadline.when());
  if (!exchange->outcome) {
    co_await exchange->done.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  if (exchange->outcome) {
    co_return *std::move(exchange->outcome);
  }
  exchange->abandoned = true;
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  if (cancellation.cancelled() != asio::cancellation_type::none) {
    co_return Fail(Code::kCancelled, "cancelled while the database worked");
  }
  co_return Fail(Code::kDeadlineExceeded, "the database did not answer in time");
}

// Sends what may be sent now.
void Pipeline::Pump() {
  while (connection_ != nullptr && !waiting_.empty() && sent_.size() < kSentMax &&
         !is_interlocked()) {
    const ExchangePtr next = std::move(waiting_.front());
    waiting_.pop_front();
    if (next->abandoned || next->deadline().Passed()) {
      Finish(next, Fail(Code::kDeadlineExceeded, "the database was busy for too long"));
      continue;
    }
    sent_.push_back(next);
    if (!next->Send(connection_->handle(), prepared_)) {
      connection_->Drop();
      return;
    }
  }
  Flush();
}

void Pipeline::Flush() {
  if (connection_ == nullptr || is_flushing_) {
    return;
  }
  const int left = PQflush(connection_->handle());
  if (left < 0) {
    connection_->Drop();
  } else if (left > 0) {
    is_flushing_ = true;
    tasks_.Spawn(FlushLater(connection_));
  }
}

aio::Task<void> Pipeline::FlushLater(std::shared_ptr<Connection> connection) {
  auto writable = co_await connection->WaitWritable(Deadline::Never());
  if (connection == connection_) {
    is_flushing_ = false;
    if (writable) {
      Flush();
    }
  }
}

// Ends what the server should have ended long ago.
aio::Task<void> Pipeline::Watch() {
  while (!is_closing_) {
    co_await Sleep(kWatchInterval);
    if (connection_ != nullptr && !sent_.empty() &&
        sent_.front()->deadline().when() < Deadline::Clock::now() - kGrace) {
      connection_->Drop();
    }
  }
}

aio::Task<void> Pipeline::Serve() {
  while (!is_closing_) {
    co_await Connect();
    if (connection_ == nullptr) {
      co_await Sleep(retry_delay_);
      continue;
    }
    Pump();
    auto reason = co_await ReadUntilLost(*connection_);
    connection_->Drop();
    connection_.reset();
    is_flushing_ = false;
    prepared_ = PreparedStatements();
    if (!is_closing_) {
      log_.Failed(reason.message);
    }
    FailAll(sent_, reason);
  }
  FailAll(waiting_, Lost("the database is closing"));
}

aio::Task<void> Pipeline::Connect() {
  auto connected = co_await Connection::Connect(settings_, mode_, Deadline::After(kConnectTimeMax));
  if (connected && PQenterPipelineMode((*connected)->handle()) == 1) {
    log_.Answered();
    failure_.reset();
    retry_delay_ = milliseconds(0);
    connection_ = *std::move(connected);
    co_return;
  }
  const Error error = connected ? (*connected)->Failure() : std::move(connected).error();
  if (!is_closing_) {
    log_.Failed(error.message);
  }
  failure_ = error.message;
  retry_delay_ = std::clamp(retry_delay_ * 2, kRetryDelayMin, kRetryDelayMax);
  FailAll(waiting_, Lost(error.message));
}

aio::Task<Error> Pipeline::ReadUntilLost(Connection& connection) {
  for (;;) {
    auto readable = co_await connection.WaitReadable(Deadline::Never());
    if (!readable) {
      co_return Lost("the connection to PostgreSQL was dropped");
    }
    const bool is_alive = PQconsumeInput(connection.handle()) == 1;
    // What came before the end counts all the same.
    auto taken = TakeResults(connection.handle());
    if (!is_alive || PQstatus(connection.handle()) == CONNECTION_BAD) {
      co_return connection.Failure();
    }
    if (!taken) {
      co_return std::move(taken).error();
    }
    Pump();
    idle_.NotifyAll();
  }
}

Result<void> Pipeline::TakeResults(PGconn* handle) {
  int empty_count = 0;
  while (!sent_.empty() && empty_count < kEmptyResultsMax && PQisBusy(handle) == 0) {
    const ResultPtr result(PQgetResult(handle));
    if (result == nullptr) {
      ++empty_count;
      continue;
    }
    empty_count = 0;
    if (auto taken = Take(*result); !taken) {
      return taken;
    }
  }
  return {};
}

Result<void> Pipeline::Take(const PGresult& result) {
  if (PQresultStatus(&result) == PGRES_PIPELINE_SYNC) {
    const bool is_confused = sent_.front()->is_confused();
    EndOfSegment();
    return is_confused ? Result<void>(Fail(Lost("the session has lost its prepared statements")))
                       : Result<void>();
  }
  if (!sent_.front()->Take(result, prepared_)) {
    return Fail(Lost("PostgreSQL answered something else than was asked"));
  }
  return {};
}

void Pipeline::EndOfSegment() {
  const ExchangePtr exchange = sent_.front();
  if (!exchange->IsOver(connection_->handle())) {
    Flush();
    return;
  }
  sent_.pop_front();
  if (exchange->MayRetry() && !exchange->abandoned) {
    waiting_.push_front(exchange);
    return;
  }
  Finish(exchange, exchange->TakeOutcome());
}

void Pipeline::Finish(const ExchangePtr& exchange, Outcome outcome) {
  exchange->outcome = std::move(outcome);
  exchange->done.cancel();
}

void Pipeline::FailAll(std::deque<ExchangePtr>& exchanges, const Error& error) {
  for (const ExchangePtr& exchange : exchanges) {
    Finish(exchange, Fail(error));
  }
  exchanges.clear();
  idle_.NotifyAll();
}

aio::Task<void> Pipeline::Close(Deadline deadline) {
  // Whatever waits has been promised an answer; a database that is not there gives it by failing.
  while (load() > 0) {
    auto changed = co_await idle_.Wait(deadline);
    if (!changed) {
      break;
    }
  }
  is_closing_ = true;
  tasks_.Cancel();
  co_await tasks_.Join();
}

}  // namespace paddock::stores::postgres
