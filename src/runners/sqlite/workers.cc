// The part of SqliteRunner that has workers: starts, greets, watches and buries them.
#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "runners/sqlite/sqlite_runner.h"

namespace paddock::runners::sqlite {
namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kGreetingTime{20};
constexpr std::chrono::milliseconds kLookInterval{20};
// A run for which others have stood in line for longer is not waited for by them.
constexpr std::chrono::milliseconds kRecallTime{20};
constexpr std::chrono::milliseconds kPauseMin{100};
constexpr int kPauseDoublingsMax = 6;
constexpr int kFailedStartsMax = 3;  // in a row; then nobody waits any more for one to succeed

}  // namespace

SqliteRunner::SqliteRunner(asio::any_io_executor executor, SqliteRunnerConfig config)
    : executor_(executor), config_(std::move(config)), scope_(std::move(executor)) {}

aio::Task<Result<void>> SqliteRunner::Start(Deadline deadline) {
  scope_.Spawn(KeepWorkers());
  scope_.Spawn(WatchClock());
  while (!HasReady()) {
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
  for (const WorkerRef& worker : workers_) {
    worker->is_closed = true;
    worker->Kill();
  }
  co_await scope_.Join();
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
  workers_.push_back(*worker);
  StartWatch();
  scope_.Spawn(Listen(*std::move(worker)));
}

// The whole life of a worker, as the pool hears it.
aio::Task<void> SqliteRunner::Listen(WorkerRef worker) {
  while (!is_stopping_) {
    auto frame = worker->NextFrame();
    if (frame && !*frame) {
      auto read = co_await worker->Read();
      if (!read) {
        frame = Fail(std::move(read).error());
      }
    } else if (frame && worker->is_ready) {
      TakeAnswer(worker, **frame);
    } else if (frame) {
      worker->is_broken = !Greet(*worker, **frame);
    }
    worker->is_broken = worker->is_broken || !frame;
    if (is_stopping_) {
      co_return;
    }
    if (worker->is_broken || (IsOld(*worker) && worker->runs.empty())) {
      Remove(worker);
      co_return;
    }
    Dispatch();
  }
}

bool SqliteRunner::Greet(WorkerProcess& worker, std::string_view frame) {
  auto answer = DecodeAnswer(frame, {});
  const auto* const hello = answer ? std::get_if<Hello>(&*answer) : nullptr;
  if (hello == nullptr) {
    return false;
  }
  engine_ = *hello;
  failed_starts_ = 0;
  worker.is_ready = true;
  worker.kill_at = Clock::time_point::max();
  changed_.NotifyAll();
  return true;
}

// The next one a while later, so that what is broken does not take the machine.
void SqliteRunner::NoteFailedStart() {
  next_start_ = Clock::now() + (kPauseMin * (1U << static_cast<unsigned int>(failed_starts_)));
  failed_starts_ = std::min(failed_starts_ + 1, kPauseDoublingsMax);
  if (IsDown()) {
    for (const TicketRef& ticket : std::exchange(waiting_, {})) {
      ticket->Settle(Fail(Code::kUnavailable, "no worker of challenges starts"));
    }
  }
}

bool SqliteRunner::IsDown() const { return failed_starts_ >= kFailedStartsMax && !HasReady(); }

bool SqliteRunner::HasReady() const {
  return std::ranges::any_of(workers_, [](const WorkerRef& worker) { return worker->is_ready; });
}

void SqliteRunner::Remove(const WorkerRef& worker) {
  std::erase(workers_, worker);
  if (!worker->is_ready) {
    log::Error("a worker of challenges ended before it was ready");
    NoteFailedStart();
  } else if (worker->is_broken) {
    GiveUp(*worker);
  } else {
    ++counts_.retired;
  }
  if (worker->is_broken) {
    worker->Kill();
  }
  scope_.Spawn(Bury(worker));
  changed_.NotifyAll();
  Dispatch();
}

aio::Task<void> SqliteRunner::Bury(WorkerRef worker) { co_await worker->Bury(); }

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
  for (const WorkerRef& worker : workers_) {
    if (now >= worker->kill_at && !worker->is_overdue) {
      worker->is_overdue = true;
      worker->Kill();
    }
    if (worker->runs.size() > 1 && now >= worker->begun_at + kRecallTime) {
      Recall(*worker);
    }
  }
  Dispatch();
}

}  // namespace paddock::runners::sqlite
