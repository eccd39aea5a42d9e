#include "runners/sqlite/sqlite_runner.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/log.h"
#include "runners/sqlite/lease.h"

namespace paddock::runners::sqlite {
namespace asio = boost::asio;

namespace {

using challenges::LimitHit;
using challenges::RunOutcome;
using challenges::RunOutcomeRef;
using challenges::RunRequest;
using Clock = WorkerProcess::Clock;

// What a schema's script may take at most, before the run's own time begins.
constexpr std::chrono::seconds kPreparationTime{10};
constexpr std::chrono::seconds kDrainTime{2};
constexpr std::size_t kKeptBytesMax = std::size_t{1} << 20U;

}  // namespace

aio::Task<Result<RunOutcomeRef>> SqliteRunner::Run(RunRequest request, Deadline deadline) {
  if (auto checked = CheckRequest(request); !checked) {
    co_return Fail(std::move(checked).error());
  }
  if (deadline.Passed()) {
    co_return Fail(Code::kDeadlineExceeded, "the time was over before the run began");
  }
  for (std::size_t lost = 0;; ++lost) {
    auto lease = co_await Acquire(request.schema->digest, deadline);
    if (!lease) {
      co_return Fail(std::move(lease).error());
    }
    auto exchanged = co_await Exchange(lease->worker(), request, deadline);
    const bool is_lost = !exchanged.is_started && !exchanged.is_cancelled;
    if (!is_lost || lost > config_.running_max) {
      co_return Conclude(*std::move(lease), std::move(exchanged), deadline);
    }
    // It had ended before it saw anything: another one, if need be after all that were ready.
    lease->worker().is_broken = true;
    ++counts_.crashed;
  }
}

aio::Task<Result<SqliteRunner::Lease>> SqliteRunner::Acquire(std::string digest,
                                                             Deadline deadline) {
  if (WorkerProcess* const worker = waiting_.empty() ? TakeReady(digest) : nullptr) {
    co_return Lease(*this, *worker);
  }
  if (IsDown()) {
    co_return Fail(Code::kUnavailable, "no worker of challenges starts");
  }
  if (waiting_.size() >= config_.waiting_max) {
    co_return Fail(Code::kExhausted, "too many runs at once; try again in a moment");
  }
  const auto executor = co_await asio::this_coro::executor;
  Waiter waiter{.turn = asio::steady_timer(executor, deadline.when())};
  const auto place = waiting_.insert(waiting_.end(), &waiter);
  const auto [failure] = co_await waiter.turn.async_wait(asio::as_tuple(asio::use_awaitable));
  if (waiter.worker != nullptr) {
    co_return Lease(*this, *waiter.worker);
  }
  waiting_.erase(place);
  if (!failure) {
    co_return Fail(Code::kDeadlineExceeded, "no worker was free in time");
  }
  if (IsDown()) {
    co_return Fail(Code::kUnavailable, "no worker of challenges starts");
  }
  co_return Fail(Code::kCancelled, "cancelled while waiting for a worker");
}

WorkerProcess* SqliteRunner::TakeReady(const std::string& digest) {
  if (ready_.empty() || running_ >= config_.running_max) {
    return nullptr;
  }
  const auto knows = [&](const WorkerProcess* worker) { return worker->Knows(digest); };
  auto found = std::ranges::find_if(ready_, knows);
  if (found == ready_.end()) {
    found = std::prev(ready_.end());
  }
  WorkerProcess* const worker = *found;
  ready_.erase(found);
  ++running_;
  return worker;
}

void SqliteRunner::Release(WorkerProcess* worker) noexcept {
  --running_;
  worker->stop_at = Clock::time_point::max();
  worker->kill_at = Clock::time_point::max();
  if (worker->frame.capacity() > kKeptBytesMax) {
    std::string().swap(worker->frame);
  }
  const bool is_old = worker->run_count >= config_.runs_max;
  counts_.retired += is_old && !worker->is_broken ? 1U : 0U;
  if (worker->is_broken || is_old) {
    Remove(worker);
  } else {
    ready_.push_back(worker);
  }
  ServeWaiters();
}

// First come, first served, and the worker goes straight to them: nobody can come in between.
void SqliteRunner::ServeWaiters() {
  while (!waiting_.empty() && !ready_.empty() && running_ < config_.running_max) {
    Waiter* const waiter = waiting_.front();
    waiting_.pop_front();
    waiter->worker = ready_.back();
    ready_.pop_back();
    ++running_;
    waiter->turn.cancel();
  }
}

void SqliteRunner::SetTimes(WorkerProcess& worker,
                            const RunRequest& request,
                            bool with_script,
                            Deadline deadline) {
  auto end = Clock::now() + request.limits.time + config_.grace;
  if (with_script) {
    end += kPreparationTime;
  }
  worker.stop_at = deadline.when();
  worker.kill_at = end;
  StartWatch();
}

aio::Task<SqliteRunner::Exchanged> SqliteRunner::Exchange(WorkerProcess& worker,
                                                          const RunRequest& request,
                                                          Deadline deadline) {
  Exchanged exchanged;
  const std::string& digest = request.schema->digest;
  bool with_script = !worker.Knows(digest);
  ++worker.run_count;
  for (;;) {
    worker.frame.clear();
    AppendRequest(worker.frame, request, with_script);
    SetTimes(worker, request, with_script, deadline);
    const auto sent = co_await worker.Send(worker.frame);
    if (!sent) {
      co_return exchanged;
    }
    exchanged.is_started = true;
    const auto frame = co_await worker.Receive();
    if (!frame) {
      exchanged.is_cancelled = frame.error().code == Code::kCancelled;
      co_return exchanged;
    }
    exchanged.answer = DecodeAnswer(*frame, request.limits);
    const bool is_wanted =
        exchanged.answer && std::holds_alternative<SchemaWanted>(*exchanged.answer);
    if (!is_wanted || with_script) {
      break;
    }
    with_script = true;  // it had to make room for others
  }
  if (with_script && exchanged.answer && std::holds_alternative<RunOutcome>(*exchanged.answer)) {
    worker.Learn(digest);
  }
  co_return exchanged;
}

Result<RunOutcomeRef> SqliteRunner::Conclude(Lease lease, Exchanged exchanged, Deadline deadline) {
  WorkerProcess& worker = lease.worker();
  if (exchanged.is_cancelled) {
    worker.stop_at = Clock::now();
    worker.kill_at = Clock::now() + kDrainTime;
    scope_.Spawn(Drain(std::move(lease)));
    return Fail(Code::kCancelled, "cancelled while the query ran");
  }
  if (exchanged.answer) {
    if (auto* const failed = std::get_if<SchemaFailed>(&*exchanged.answer)) {
      return Fail(Code::kInvalid, std::move(failed->message));
    }
    if (auto* const outcome = std::get_if<RunOutcome>(&*exchanged.answer)) {
      ++counts_.runs;
      if (outcome->limit == LimitHit::kTime && deadline.Passed()) {
        return Fail(Code::kDeadlineExceeded, "the time was over before the query ended");
      }
      outcome->engine_version = engine_.engine_version;
      return std::make_shared<const RunOutcome>(std::move(*outcome));
    }
  }
  return ConcludeLost(worker);
}

// No answer, or none that a sound worker gives.
Result<RunOutcomeRef> SqliteRunner::ConcludeLost(WorkerProcess& worker) {
  worker.is_broken = true;
  if (worker.is_overdue) {
    ++counts_.overdue;
    return std::make_shared<const RunOutcome>(
        RunOutcome{.limit = LimitHit::kTime, .engine_version = engine_.engine_version});
  }
  ++counts_.crashed;
  log::Warn("a worker of challenges ended while it ran a query");
  return Fail(Code::kUnavailable, "the worker ended while it ran the query; try again");
}

// The caller is gone; the worker is asked to stop, and its answer is of no use.
aio::Task<void> SqliteRunner::Drain(Lease lease) {
  const auto frame = co_await lease.worker().Receive();
  lease.worker().is_broken = !frame;
}

}  // namespace paddock::runners::sqlite
