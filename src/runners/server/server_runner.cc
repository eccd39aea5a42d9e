#include "runners/server/server_runner.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "runners/server/clone_lease.h"
#include "runners/server/text_kind.h"
#include "runners/server/text_run.h"

namespace paddock::runners::server {
namespace {

using challenges::RunOutcome;
using challenges::RunOutcomeRef;
using challenges::RunRequest;
using Clock = std::chrono::steady_clock;

// After the server has come back, each session that was ready before may have to be found lost.
constexpr int kAttemptsMax = 4;

Result<void> CheckRequest(const RunRequest& request) {
  if (request.schema == nullptr || request.schema->digest.empty()) {
    return Fail(Code::kInvalid, "the schema has no digest");
  }
  if (request.schema->script.size() > kScriptBytesMax) {
    return Fail(Code::kInvalid,
                fmt::format("the schema's script is longer than {} MiB", kScriptBytesMax >> 20U));
  }
  const auto too_long = [](const std::string& text) {
    return text.size() > sql::kStatementBytesMax;
  };
  if (too_long(request.query) || std::ranges::any_of(request.checks, too_long)) {
    return Fail(Code::kInvalid,
                fmt::format("the query is longer than {} MiB", sql::kStatementBytesMax >> 20U));
  }
  if (request.checks.size() > kChecksMax) {
    return Fail(Code::kInvalid, fmt::format("more than {} checks", kChecksMax));
  }
  if (request.limits.time.count() <= 0) {
    return Fail(Code::kInvalid, "the limits of the run are out of range");
  }
  return {};
}

TextKind KindOf(const RunRequest& request, const SchemaFacts& facts) {
  const sql::Dialect dialect = request.schema->dialect;
  TextKind kind = Classify(request.query, dialect, facts);
  kind.only_reads = kind.only_reads && request.checks.empty();
  for (const std::string& check : request.checks) {
    kind.deterministic = kind.deterministic && Classify(check, dialect, facts).deterministic;
  }
  return kind;
}

}  // namespace

struct ServerRunner::Attempt {
  RunRequest request;
  bool needs_clone = false;
  bool deterministic = false;
  Result<RunOutcomeRef> outcome = Fail(Code::kUnavailable, "the database server was lost");
};

ServerRunner::ServerRunner(boost::asio::any_io_executor executor,
                           Databases& databases,
                           ClonePoolConfig config)
    : databases_(databases), pool_(std::move(executor), databases, config) {}

aio::Task<Result<RunOutcomeRef>> ServerRunner::Run(RunRequest request, Deadline deadline) {
  if (auto checked = CheckRequest(request); !checked) {
    co_return Fail(std::move(checked).error());
  }
  if (deadline.Passed()) {
    co_return Fail(Code::kDeadlineExceeded, "the time was over before the run began");
  }
  Attempt attempt{.request = std::move(request)};
  for (int count = 0; count < kAttemptsMax; ++count) {
    const Verdict verdict = co_await Try(attempt, deadline);
    if (verdict == Verdict::kDone) {
      break;
    }
    attempt.needs_clone = attempt.needs_clone || verdict == Verdict::kAgainOnClone;
  }
  co_return std::move(attempt.outcome);
}

aio::Task<ServerRunner::Verdict> ServerRunner::Try(Attempt& attempt, Deadline deadline) {
  auto shelf = co_await pool_.Prepare(attempt.request.schema, deadline);
  if (!shelf) {
    co_return Refuse(attempt, shelf.error());
  }
  const TextKind kind = KindOf(attempt.request, (*shelf)->schema.facts);
  attempt.deterministic = kind.deterministic;
  const Use use = kind.only_reads && !attempt.needs_clone ? Use::kReader : Use::kClone;
  auto lease = co_await pool_.Acquire(*std::move(shelf), use, deadline);
  if (!lease) {
    const bool is_gone = lease.error().code == Code::kConflict;
    attempt.outcome =
        Fail(is_gone ? Code::kUnavailable : lease.error().code, lease.error().message);
    co_return is_gone ? Verdict::kAgain : Verdict::kDone;
  }
  const Verdict verdict = co_await RunIn(attempt, *lease, deadline);
  co_return verdict;
}

ServerRunner::Verdict ServerRunner::Refuse(Attempt& attempt, Error error) {
  const bool is_gone = error.code == Code::kConflict;
  if (is_gone) {
    error.code = Code::kUnavailable;  // unless it goes better the next time
  }
  attempt.outcome = Fail(std::move(error));
  return is_gone ? Verdict::kAgain : Verdict::kDone;
}

aio::Task<ServerRunner::Verdict> ServerRunner::RunIn(Attempt& attempt,
                                                     ClonePool::Lease& lease,
                                                     Deadline deadline) {
  sql::Session& session = lease.session();
  auto begun =
      co_await databases_.BeginRun(session, lease.use(), attempt.request.limits.time, deadline);
  if (!begun) {
    // Nothing of the learner's has run.
    const bool is_lost = begun.error().code == Code::kUnavailable;
    attempt.outcome = Fail(std::move(begun).error());
    if (is_lost) {
      co_await pool_.Suspect(deadline);
    }
    co_return is_lost ? Verdict::kAgain : Verdict::kDone;
  }
  const auto begin = Clock::now();
  TextRun run(session, attempt.request, begin);
  auto outcome = co_await run.Run(deadline);
  if (!outcome) {
    const bool is_lost = outcome.error().code == Code::kUnavailable;
    attempt.outcome = Fail(std::move(outcome).error());
    if (is_lost) {
      co_await pool_.Suspect(deadline);
    }
    co_return Verdict::kDone;
  }
  if (lease.use() == Use::kReader && outcome->error && databases_.WantsClone(*outcome->error)) {
    co_return Verdict::kAgainOnClone;
  }
  outcome->deterministic = attempt.deterministic;
  outcome->engine_version = databases_.version();
  outcome->time = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
  attempt.outcome = std::make_shared<const RunOutcome>(*std::move(outcome));
  co_return Verdict::kDone;
}

}  // namespace paddock::runners::server
