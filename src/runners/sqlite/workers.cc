// The part of SqliteRunner that has workers: starts, greets, watches and buries them.
#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "runners/sqlite/lease.h"
#include "runners/sqlite/sqlite_runner.h"

namespace paddock::runners::sqlite {
namespace asio = boost::asio;

namespace {

using Clock = WorkerProcess::Clock;

constexpr std::chrono::seconds kGreetingTime{20};
constexpr std::chrono::milliseconds kLookInterval{20};
constexpr std::chrono::milliseconds kPauseMin{100};
constexpr int kPauseDoublingsMax = 6;
constexpr int kFailedStartsMax = 3;  // in a row; then nobody waits any more for one to succeed

}  // namespace

SqliteRunner::SqliteRunner(asio::any_io_executor executor, SqliteRunnerConfig config)
    : executor_(executor), config_(std::move(config)), scope_(std::move(executor)) {}

aio::Task<Result<void>> SqliteRunner::Start(Deadline deadline) {
  scope_.Spawn(KeepWorkers());
  scope_.Spawn(WatchClock());
  while (ready_.empty()) {
    auto changed = co_await changed_.Wait(deadline);
    if (!changed) {
      co_return Fail(std::move(changed).error().With("start the workers of challenges"));
    }
    if (IsDown()) {
      co_return Fail(Code::kUnavailable, "the workers of challenges do not start");
    }
  }
  co_return Result<void>();
}

aio::Task<void> SqliteRunner::Stop() {
  is_stopping_ = true;  // for whoever is between two waits, and misses the cancellation
  scope_.Cancel();
  for (const auto& worker : workers_) {
    worker->Kill();
  }
  co_await scope_.Join();
  ready_.clear();
  workers_.clear();
}

aio::Task<void> SqliteRunner::KeepWorkers() {
  while (!is_stopping_) {
    while (IsShort() && Clock::now() >= next_start_) {
      StartWorker();
    }
    const auto until = IsShort() ? Deadline::At(next_start_) : Deadline::Never();
    const auto changed = co_await changed_.Wait(until);
    if (!changed && changed.error().code == Code::kCancelled) {
      co_return;
    }
  }
}

void SqliteRunner::StartWorker() {
  auto worker = WorkerProcess::Spawn(executor_, config_.command);
  if (!worker) {
    log::Error("a worker of challenges does not start: {}", worker.error().message);
    NoteFailedStart();
    return;
  }
  ++counts_.started;
  (*worker)->kill_at = Clock::now() + kGreetingTime;
  workers_.push_back(*std::move(worker));
  StartWatch();
  scope_.Spawn(Greet(workers_.back().get()));
}

aio::Task<void> SqliteRunner::Greet(WorkerProcess* worker) {
  const auto frame = co_await worker->Receive();
  auto answer = frame ? DecodeAnswer(*frame, {}) : std::nullopt;
  const auto* const hello = answer ? std::get_if<Hello>(&*answer) : nullptr;
  if (hello != nullptr) {
    engine_ = *hello;
    failed_starts_ = 0;
    worker->kill_at = Clock::time_point::max();
    ready_.push_back(worker);
    ServeWaiters();
  } else if (!is_stopping_) {
    log::Error("a worker of challenges ended before it was ready");
    NoteFailedStart();
    Remove(worker);
  }
  changed_.NotifyAll();
}

// The next one a while later, so that what is broken does not take the machine.
void SqliteRunner::NoteFailedStart() {
  next_start_ = Clock::now() + (kPauseMin * (1U << static_cast<unsigned int>(failed_starts_)));
  failed_starts_ = std::min(failed_starts_ + 1, kPauseDoublingsMax);
  if (IsDown()) {
    for (Waiter* waiter : waiting_) {
      waiter->turn.cancel();  // without a worker
    }
  }
}

bool SqliteRunner::IsDown() const {
  return failed_starts_ >= kFailedStartsMax && running_ == 0 && ready_.empty();
}

void SqliteRunner::Remove(WorkerProcess* worker) {
  const auto found = std::ranges::find(workers_, worker, &std::unique_ptr<WorkerProcess>::get);
  auto removed = std::move(*found);
  workers_.erase(found);
  if (removed->is_broken) {
    removed->Kill();
  }
  scope_.Spawn(Bury(std::move(removed)));
  changed_.NotifyAll();
}

aio::Task<void> SqliteRunner::Bury(std::unique_ptr<WorkerProcess> worker) {
  co_await worker->Bury();
}

void SqliteRunner::StartWatch() {
  if (!std::exchange(is_watching_, true)) {
    watch_.NotifyAll();
  }
}

// One timer for all, at rest while nothing runs: a run sets two numbers and no timer.
aio::Task<void> SqliteRunner::WatchClock() {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  const auto is_timed = [](const auto& worker) {
    return worker->kill_at != Clock::time_point::max();
  };
  while (!is_stopping_) {
    is_watching_ = std::ranges::any_of(workers_, is_timed);
    if (is_watching_) {
      timer.expires_after(kLookInterval);
      const auto [failure] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
      if (failure) {
        co_return;
      }
      CheckTimes();
    } else {
      const auto woken = co_await watch_.Wait(Deadline::Never());
      if (!woken) {
        co_return;
      }
    }
  }
}

void SqliteRunner::CheckTimes() {
  const auto now = Clock::now();
  for (const auto& worker : workers_) {
    if (now >= worker->kill_at && !worker->is_overdue) {
      worker->is_overdue = true;
      worker->Kill();
    } else if (now >= worker->stop_at) {
      worker->stop_at = Clock::time_point::max();
      std::string frame;
      AppendStop(frame);
      worker->SendNow(frame);
    }
  }
}

}  // namespace paddock::runners::sqlite
