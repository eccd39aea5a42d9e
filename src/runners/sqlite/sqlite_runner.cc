#include "runners/sqlite/sqlite_runner.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"

namespace paddock::runners::sqlite {
namespace asio = boost::asio;

namespace {

using challenges::LimitHit;
using challenges::RunOutcome;
using challenges::RunOutcomeRef;
using challenges::RunRequest;

// What a schema's script may take at most, before the run's own time begins.
constexpr std::chrono::seconds kPreparationTime{10};
// Until a worker must have heard that nobody waits for its run any more.
constexpr std::chrono::seconds kDrainTime{2};
// Nothing is sent ahead to a worker that has been at one run for longer.
constexpr std::chrono::milliseconds kQuickTime{5};
// What it takes to wake a worker that sleeps, about, and to put it to sleep again.
constexpr std::chrono::microseconds kWakeTime{100};
// The share that one run has in what a run takes, lately.
constexpr int kRunsRemembered = 8;

std::unexpected<Error> TimeIsOver() {
  return Fail(Code::kDeadlineExceeded, "the time was over before the query ended");
}

}  // namespace

aio::Task<Result<RunOutcomeRef>> SqliteRunner::Run(RunRequest request, Deadline deadline) {
  if (auto checked = CheckRequest(request); !checked) {
    co_return Fail(std::move(checked).error());
  }
  if (deadline.Passed()) {
    co_return Fail(Code::kDeadlineExceeded, "the time was over before the run began");
  }
  const auto ticket = std::make_shared<Ticket>(executor_, std::move(request), deadline);
  waiting_.push_back(ticket);
  Dispatch();
  if (IsDown()) {
    Abandon(ticket);
    co_return Fail(Code::kUnavailable, "no worker of challenges starts");
  }
  if (waiting_.size() > config_.waiting_max) {
    Abandon(ticket);
    co_return Fail(Code::kExhausted, "too many runs at once; try again in a moment");
  }
  auto outcome = co_await Settled(ticket);
  if (!ticket->result) {
    Abandon(ticket);
  }
  co_return outcome;
}

// Whatever ends the wait first: a result, the deadline, or that the caller is gone.
aio::Task<Result<RunOutcomeRef>> SqliteRunner::Settled(TicketRef ticket) {
  if (!ticket->result) {
    const auto [failure] = co_await ticket->settled.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!ticket->result && failure) {
      co_return Fail(Code::kCancelled, "cancelled while the query ran");
    }
  }
  if (!ticket->result) {
    co_return TimeIsOver();
  }
  co_return *std::move(ticket->result);
}

// The worker that is at it is asked to stop; one that has still to begin is asked when it does.
void SqliteRunner::Abandon(const TicketRef& ticket) {
  if (const auto found = std::ranges::find(waiting_, ticket); found != waiting_.end()) {
    waiting_.erase(found);
    return;
  }
  for (const WorkerRef& worker : workers_) {
    const auto run = std::ranges::find(worker->runs, ticket, &SentRun::ticket);
    if (run == worker->runs.end()) {
      continue;
    }
    run->ticket = nullptr;
    if (run == worker->runs.begin()) {
      AppendStop(worker->outgoing(), run->serial);
      worker->kill_at = std::min(worker->kill_at, Clock::now() + kDrainTime);
      Flush(worker);
    }
    return;
  }
}

// First come, first served.
void SqliteRunner::Dispatch() {
  while (!waiting_.empty()) {
    const auto worker = FindPlace(waiting_.front()->request.schema->digest);
    if (worker == nullptr) {
      return;
    }
    auto ticket = std::move(waiting_.front());
    waiting_.pop_front();
    Give(worker, std::move(ticket));
  }
}

// A worker that has nothing to do, or else one that will soon have the run's turn. One that comes
// to it before another would be awake is as good.
SqliteRunner::WorkerRef SqliteRunner::FindPlace(const std::string& digest) const {
  const auto is_running = [](const WorkerRef& worker) { return !worker->runs.empty(); };
  const auto running = static_cast<std::size_t>(std::ranges::count_if(workers_, is_running));
  if (running >= config_.running_max) {
    return FindQuick(digest, kQuickTime);
  }
  auto awake = FindQuick(digest, 2 * kWakeTime);
  return awake != nullptr && awake->runs.size() * typical_time_ < kWakeTime ? awake
                                                                            : FindFree(digest);
}

// One that has been at its run for at most `time_max`, and has the fewest.
SqliteRunner::WorkerRef SqliteRunner::FindQuick(const std::string& digest,
                                                std::chrono::microseconds time_max) const {
  const auto earliest = Clock::now() - time_max;
  WorkerRef best;
  for (const WorkerRef& worker : workers_) {
    const std::size_t count = worker->runs.size();
    const bool has_place = count > 0 && count < config_.sent_max && !worker->is_broken &&
                           !IsOld(*worker) && worker->begun_at > earliest && worker->Knows(digest);
    if (has_place && (best == nullptr || count < best->runs.size())) {
      best = worker;
    }
  }
  return best;
}

SqliteRunner::WorkerRef SqliteRunner::FindFree(const std::string& digest) const {
  WorkerRef free;
  for (const WorkerRef& worker : workers_) {
    if (worker->is_ready && !worker->is_broken && worker->runs.empty() && !IsOld(*worker)) {
      free = worker;
      if (worker->Knows(digest)) {
        break;
      }
    }
  }
  return free;
}

void SqliteRunner::Give(const WorkerRef& worker, TicketRef ticket) {
  const RunRequest& request = ticket->request;
  const auto serial = static_cast<std::uint32_t>(worker->run_count++);
  const bool with_script = !worker->Knows(request.schema->digest);
  counts_.sent_ahead += worker->runs.empty() ? 0U : 1U;
  AppendRequest(worker->outgoing(), request, with_script, serial);
  worker->Learn(request.schema->digest);
  worker->runs.push_back(
      {.ticket = std::move(ticket), .serial = serial, .with_script = with_script});
  if (worker->runs.size() == 1) {
    BeginFirst(worker);
  }
  Flush(worker);
}

// After what else this turn of the loop brings, so that several go out at once.
void SqliteRunner::Flush(const WorkerRef& worker) {
  if (std::exchange(worker->is_flush_due, true)) {
    return;
  }
  asio::post(executor_, [this, worker] {
    worker->is_flush_due = false;
    if (worker->is_closed || worker->is_sending || !worker->Send()) {
      return;  // who listens to it finds out
    }
    for (SentRun& run : worker->runs) {
      run.is_sent = true;
    }
    if (!worker->outgoing().empty()) {
      scope_.Spawn(SendRest(worker));
    }
  });
}

aio::Task<void> SqliteRunner::SendRest(WorkerRef worker) { co_await worker->SendRest(); }

// The worker comes to the first of its runs now, or has none.
void SqliteRunner::BeginFirst(const WorkerRef& worker) {
  if (worker->runs.empty()) {
    worker->kill_at = Clock::time_point::max();
    return;
  }
  const SentRun& run = worker->runs.front();
  worker->begun_at = Clock::now();
  if (run.ticket == nullptr) {
    AppendStop(worker->outgoing(), run.serial);
    Flush(worker);
    worker->kill_at = worker->begun_at + kDrainTime;
  } else {
    worker->kill_at = worker->begun_at + run.ticket->request.limits.time + config_.grace +
                      (run.with_script ? kPreparationTime : std::chrono::seconds(0));
  }
  StartWatch();
}

void SqliteRunner::TakeAnswer(const WorkerRef& worker, std::string_view frame) {
  if (worker->runs.empty()) {
    worker->is_broken = true;  // it was not asked
    return;
  }
  const SentRun run = std::move(worker->runs.front());
  worker->runs.pop_front();
  BeginFirst(worker);
  if (run.ticket != nullptr) {
    Conclude(*worker, run, DecodeAnswer(frame, run.ticket->request.limits));
  }
}

void SqliteRunner::Conclude(WorkerProcess& worker,
                            const SentRun& run,
                            std::optional<Answer> answer) {
  Ticket& ticket = *run.ticket;
  const std::string& digest = ticket.request.schema->digest;
  if (answer && std::holds_alternative<SchemaWanted>(*answer) && !run.with_script) {
    worker.Forget(digest);  // it had to make room for others
    waiting_.push_front(run.ticket);
  } else if (auto* const failed = answer ? std::get_if<SchemaFailed>(&*answer) : nullptr) {
    worker.Forget(digest);
    ticket.Settle(Fail(Code::kInvalid, std::move(failed->message)));
  } else if (auto* const outcome = answer ? std::get_if<RunOutcome>(&*answer) : nullptr) {
    ++counts_.runs;
    typical_time_ += (outcome->time - typical_time_) / kRunsRemembered;
    outcome->engine_version = engine_.engine_version;
    ticket.Settle(std::make_shared<const RunOutcome>(std::move(*outcome)));
  } else {
    worker.is_broken = true;  // no sound worker says that
    ticket.Settle(Fail(Code::kUnavailable, "the worker failed while it ran the query; try again"));
  }
}

// Its first run takes long; those behind it are for others, who come to them sooner. It answers
// them all the same, and is not heard.
void SqliteRunner::Recall(WorkerProcess& worker) {
  for (auto run = worker.runs.rbegin(); std::next(run) != worker.runs.rend(); ++run) {
    if (run->ticket != nullptr) {
      waiting_.push_front(std::exchange(run->ticket, nullptr));
      ++counts_.recalled;
    }
  }
}

// It is gone, and with it the run that it was at. The others have not begun.
void SqliteRunner::GiveUp(WorkerProcess& worker) {
  counts_.overdue += worker.is_overdue ? 1U : 0U;
  counts_.crashed += worker.is_overdue ? 0U : 1U;
  bool is_first = true;
  std::deque<TicketRef> others;
  for (SentRun& run : std::exchange(worker.runs, {})) {
    const bool has_begun = std::exchange(is_first, false) && run.is_sent;
    const auto ticket = std::move(run.ticket);
    if (ticket == nullptr) {
      continue;
    }
    if (has_begun && worker.is_overdue) {
      ticket->Settle(std::make_shared<const RunOutcome>(
          RunOutcome{.limit = LimitHit::kTime, .engine_version = engine_.engine_version}));
    } else if (has_begun || ++ticket->losses > config_.running_max + 1) {
      log::Warn("a worker of challenges ended while it ran a query");
      ticket->Settle(
          Fail(Code::kUnavailable, "the worker ended while it ran the query; try again"));
    } else {
      others.push_back(ticket);
    }
  }
  waiting_.insert(waiting_.begin(), others.begin(), others.end());
}

}  // namespace paddock::runners::sqlite
