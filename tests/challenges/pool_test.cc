// The pool of challenge workers, with real workers and with such as no pool should meet.
#include <algorithm>
#include <list>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pool_fixture.h"

namespace paddock::runners::sqlite {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture
using ::testing::HasSubstr;

TEST_F(PoolTest, AQueryRuns) {
  StartWith({});
  const auto outcome = Run("SELECT n FROM t");
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_EQ(Cell(*outcome), "7");
  EXPECT_THAT((*outcome)->engine_version, HasSubstr("SQLite 3."));
  EXPECT_TRUE((*outcome)->deterministic);
}

TEST_F(PoolTest, AScriptThatFailsIsTheQuestionsFault) {
  StartWith({});
  const auto outcome = Run("SELECT 1", MakeSchema(sql::Dialect::kSqlite, "CREATE TABLE t(id int"));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, Code::kInvalid);
  EXPECT_THAT(outcome.error().message, HasSubstr("incomplete input"));
}

TEST_F(PoolTest, ADeadlineThatIsOverRunsNothing) {
  StartWith({});
  const auto outcome = RunUntilDone(
      loop_,
      runner_->Run({.schema = Numbered(1)}, Deadline::At(Deadline::Clock::time_point::min())));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, Code::kDeadlineExceeded);
}

TEST_F(PoolTest, AnEndlessQueryEndsAtItsTimeAndTheWorkerLives) {
  StartWith({});
  const auto outcome =
      Run({.schema = Numbered(7), .query = std::string(kEndless), .limits = {.time = 50ms}});
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ((*outcome)->limit, LimitHit::kTime);
  EXPECT_EQ(runner_->counts().overdue, 0U);
  EXPECT_EQ(Says("SELECT n FROM t"), "7");
}

TEST_F(PoolTest, AWorkerThatDoesNotLookAtTheClockIsKilledAndReplaced) {
  StartWith({.grace = 50ms});
  const auto outcome = Run({.schema = Numbered(7), .query = "SELECT 1", .limits = {.time = 50ms}});
  ASSERT_TRUE(outcome.has_value());
  const auto deaf =
      Run({.schema = Numbered(7), .query = std::string(kDeaf), .limits = {.time = 50ms}});
  ASSERT_TRUE(deaf.has_value()) << deaf.error().message;
  EXPECT_EQ((*deaf)->limit, LimitHit::kTime);
  EXPECT_EQ(runner_->counts().overdue, 1U);
  EXPECT_EQ(Says("SELECT n FROM t"), "7");
}

TEST_F(PoolTest, ACallersDeadlineStopsTheQuery) {
  StartWith({});
  const auto outcome = RunUntilDone(
      loop_,
      runner_->Run({.schema = Numbered(7), .query = std::string(kEndless), .limits = {.time = 30s}},
                   Deadline::After(100ms)));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, Code::kDeadlineExceeded);
  EXPECT_EQ(Says("SELECT n FROM t"), "7");
}

TEST_F(PoolTest, AWorkerIsReplacedAfterItsRuns) {
  StartWith({.runs_max = 5});
  for (int i = 0; i < 23; ++i) {
    EXPECT_EQ(Says("SELECT n FROM t"), "7");
  }
  EXPECT_EQ(runner_->counts().retired, 4U);
  EXPECT_EQ(runner_->counts().crashed, 0U);
}

TEST_F(PoolTest, AWorkerThatDiedWhileNobodyRanIsNotNoticedByTheLearner) {
  StartWith({});
  EXPECT_EQ(Says("SELECT n FROM t"), "7");
  KillChildren();
  EXPECT_EQ(Says("SELECT n FROM t"), "7");
  EXPECT_GE(runner_->counts().crashed, 1U);
}

TEST_F(PoolTest, AWorkerThatIsKilledInTheMiddleIsNotTheLearnersFailure) {
  StartWith({});
  aio::TaskScope scope(loop_.get_executor());
  Result<RunOutcomeRef> outcome = Fail(Code::kInternal, "not run");
  scope.Spawn(RunOne(
      *runner_, {.schema = Numbered(7), .query = std::string(kEndless), .limits = {.time = 30s}},
      outcome));
  loop_.restart();
  loop_.poll();  // the request has been sent
  KillChildren();
  RunUntilDone(loop_, WaitForAll(scope));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, Code::kUnavailable);
  EXPECT_EQ(Says("SELECT n FROM t"), "7");
}

TEST_F(PoolTest, ManyRunsAtOnceOnManySchemasEachGetTheirOwn) {
  constexpr int kCount = 200;
  StartWith({.running_max = 2, .runs_max = 50});
  aio::TaskScope scope(loop_.get_executor());
  std::list<Result<RunOutcomeRef>> outcomes;
  for (int i = 0; i < kCount; ++i) {
    outcomes.emplace_back(Fail(Code::kInternal, "not run"));
    std::string query = i % 3 == 0 ? "UPDATE t SET n = n + 1000 RETURNING n" : "SELECT n FROM t";
    scope.Spawn(
        RunOne(*runner_, {.schema = Numbered(i % 40), .query = std::move(query)}, outcomes.back()));
  }
  RunUntilDone(loop_, WaitForAll(scope));
  int i = 0;
  for (const auto& outcome : outcomes) {
    ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
    EXPECT_EQ(Cell(*outcome), fmt::format("{}", (i % 40) + (i % 3 == 0 ? 1000 : 0)));
    ++i;
  }
}

TEST_F(PoolTest, TooManyThatWaitAreTurnedAway) {
  StartWith({.waiting_max = 3});
  aio::TaskScope scope(loop_.get_executor());
  std::list<Result<RunOutcomeRef>> outcomes;
  for (int i = 0; i < 6; ++i) {
    outcomes.emplace_back(Fail(Code::kInternal, "not run"));
    scope.Spawn(
        RunOne(*runner_, {.schema = Numbered(i), .query = "SELECT n FROM t"}, outcomes.back()));
  }
  RunUntilDone(loop_, WaitForAll(scope));
  const auto refused = std::ranges::count_if(outcomes, [](const auto& outcome) {
    return !outcome && outcome.error().code == Code::kExhausted;
  });
  EXPECT_EQ(refused, 2);  // one runs, three wait
}

TEST_F(PoolTest, ACancelledRunFreesItsWorker) {
  StartWith({});
  aio::TaskScope scope(loop_.get_executor());
  Result<RunOutcomeRef> outcome = Fail(Code::kInternal, "not run");
  scope.Spawn(RunOne(
      *runner_, {.schema = Numbered(7), .query = std::string(kEndless), .limits = {.time = 30s}},
      outcome));
  loop_.restart();
  loop_.poll();
  scope.Cancel();
  RunUntilDone(loop_, WaitForAll(scope));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, Code::kCancelled);
  EXPECT_EQ(Says("SELECT n FROM t"), "7");
  EXPECT_EQ(runner_->counts().overdue, 0U);
}

TEST_F(PoolTest, AGreatScriptAndAGreatResultGoThrough) {
  StartWith({});
  std::string script = "CREATE TABLE t (s);";
  for (int i = 0; i < 4'000; ++i) {
    script += fmt::format("INSERT INTO t VALUES ('{:0>500}');", i);
  }
  const auto outcome = Run("SELECT s FROM t", MakeSchema(sql::Dialect::kSqlite, script));
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_TRUE((*outcome)->is_whole());
  EXPECT_EQ((*outcome)->results[0].rows.row_count(), 4'000U);
}

class HostileWorker : public PoolTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(HostileWorker, GivesNothingAndHarmsNobody) {
  StartWith({.grace = 50ms}, GetParam());
  const auto outcome = Run({.schema = Numbered(1), .query = "SELECT 1", .limits = {.time = 50ms}});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, Code::kUnavailable);
  EXPECT_EQ(runner_->counts().crashed, 1U);
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PADDOCK_UNCONFINED 1
#endif
#endif
#ifndef PADDOCK_UNCONFINED
INSTANTIATE_TEST_SUITE_P(Confined,
                         HostileWorker,
                         ::testing::Values("open", "exec", "connect", "fork", "code"));
#endif
INSTANTIATE_TEST_SUITE_P(Lying, HostileWorker, ::testing::Values("exit", "garbage", "liar"));

TEST_F(PoolTest, AWorkerThatNeverAnswersIsTakenForASlowQuery) {
  StartWith({.grace = 50ms}, "silent");
  // Its first schema is given time to be prepared, so the caller is the first to give up.
  const auto outcome = RunUntilDone(
      loop_, runner_->Run({.schema = Numbered(1), .query = "SELECT 1"}, Deadline::After(200ms)));
  ASSERT_FALSE(outcome.has_value());
}

TEST_F(PoolTest, WorkersThatDoNotStartAreSaidAtOnce) {
  SqliteRunnerConfig config;
  config.command = {"/nonexistent/worker"};
  runner_.emplace(loop_.get_executor(), config);
  const auto started = RunUntilDone(loop_, runner_->Start(Deadline::After(kPatience)));
  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error().code, Code::kUnavailable);
  const auto outcome = Run("SELECT 1");
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace paddock::runners::sqlite
