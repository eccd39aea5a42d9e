#include "challenges/cached_runner.h"

#include <list>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "aio/testing/run_on.h"
#include "challenges/testing/scripted_runner.h"

namespace paddock::challenges {
namespace {

using namespace std::chrono_literals;
using aio::testing::RunUntilDone;
using testing::ScriptedRunner;

class CachedRunnerTest : public ::testing::Test {
 protected:
  void UseConfig(CachedRunnerConfig config) {
    cached_.emplace(runner_, config, [this] { return now_; });
  }
  void SetUp() override { UseConfig({}); }

  static RunRequest Request(std::string query = "SELECT 1", std::string script = "S") {
    return {.schema = MakeSchema(sql::Dialect::kSqlite, std::move(script)),
            .query = std::move(query)};
  }
  Result<RunOutcomeRef> Run(RunRequest request) {
    return RunUntilDone(loop_, cached_->Run(std::move(request), Deadline::After(60s)));
  }
  bool IsCached(RunRequest request) {
    const auto outcome = Run(std::move(request));
    return outcome && (*outcome)->cached;
  }

  boost::asio::io_context loop_;
  ScriptedRunner runner_;
  CachedRunner::Clock::time_point now_;
  std::optional<CachedRunner> cached_;
};

TEST_F(CachedRunnerTest, TheSameRunIsMadeOnce) {
  EXPECT_FALSE(IsCached(Request()));
  EXPECT_TRUE(IsCached(Request()));
  EXPECT_TRUE(IsCached(Request()));
  EXPECT_EQ(runner_.run_count, 1);
  EXPECT_EQ(cached_->counts().hits, 2U);
  EXPECT_EQ(cached_->counts().misses, 1U);
}

TEST_F(CachedRunnerTest, AnythingThatDiffersIsAnotherRun) {
  ASSERT_FALSE(IsCached(Request()));
  EXPECT_FALSE(IsCached(Request("SELECT 1 ")));
  EXPECT_FALSE(IsCached(Request("SELECT 1", "T")));
  auto request = Request();
  request.checks = {"SELECT 2"};
  EXPECT_FALSE(IsCached(request));
  request.checks = {"SELECT ", "2"};
  EXPECT_FALSE(IsCached(request));
  request = Request();
  request.shims = 1;
  EXPECT_FALSE(IsCached(request));
  request = Request();
  request.limits.rows = 5;
  EXPECT_FALSE(IsCached(request));
  EXPECT_TRUE(IsCached(Request()));
}

TEST_F(CachedRunnerTest, AnotherEngineVersionIsAnotherRun) {
  ASSERT_FALSE(IsCached(Request()));
  runner_.answer = [](const RunRequest& request) {
    auto outcome = ScriptedRunner::Echo(request);
    outcome.engine_version = "Echo 2";
    return outcome;
  };
  EXPECT_FALSE(IsCached(Request("SELECT 2")));  // by which the new version gets known
  EXPECT_FALSE(IsCached(Request()));
  EXPECT_TRUE(IsCached(Request()));
}

TEST_F(CachedRunnerTest, WhatALimitCutIsNeverKept) {
  for (int limit = 1; limit <= static_cast<int>(kLastLimitHit); ++limit) {
    runner_.answer = [limit](const RunRequest&) {
      return RunOutcome{.limit = static_cast<LimitHit>(limit)};
    };
    EXPECT_FALSE(IsCached(Request()));
    EXPECT_FALSE(IsCached(Request()));
  }
  EXPECT_EQ(cached_->outcomes().counts().kept, 0U);
}

TEST_F(CachedRunnerTest, WhatChangesByItselfIsNeverKept) {
  runner_.answer = [](const RunRequest&) { return RunOutcome{.deterministic = false}; };
  EXPECT_FALSE(IsCached(Request()));
  EXPECT_FALSE(IsCached(Request()));
  EXPECT_EQ(runner_.run_count, 2);
}

TEST_F(CachedRunnerTest, AFailureOfOursIsNeverKept) {
  runner_.answer = [](const RunRequest&) -> Result<RunOutcome> {
    return Fail(Code::kUnavailable, "gone");
  };
  EXPECT_FALSE(Run(Request()).has_value());
  runner_.answer = &ScriptedRunner::Echo;
  EXPECT_TRUE(Run(Request()).has_value());
}

TEST_F(CachedRunnerTest, ASchemaThatFailsIsRememberedForAWhile) {
  runner_.answer = [](const RunRequest& request) -> Result<RunOutcome> {
    if (request.schema->script == "S") {
      return ScriptedRunner::Echo(request);
    }
    return Fail(Code::kInvalid, "no such table: " + request.schema->script);
  };
  const auto reason = [this](std::string query, std::string script) {
    const auto outcome = Run(Request(std::move(query), std::move(script)));
    return outcome ? std::string("none") : outcome.error().message;
  };
  EXPECT_EQ(reason("SELECT 1", "bad"), "no such table: bad");
  EXPECT_EQ(reason("SELECT 2", "bad"), "no such table: bad");
  EXPECT_EQ(reason("SELECT 2", "S"), "none");
  EXPECT_EQ(runner_.run_count, 2);
  EXPECT_EQ(cached_->counts().failed_schemas, 1U);
  now_ += 30s;
  EXPECT_EQ(reason("SELECT 3", "bad"), "no such table: bad");
  EXPECT_EQ(runner_.run_count, 3);
}

TEST_F(CachedRunnerTest, OfSchemasThatFailOnlySomeAreRemembered) {
  UseConfig({.failed_schemas_max = 2});
  runner_.answer = [](const RunRequest&) -> Result<RunOutcome> {
    return Fail(Code::kInvalid, "no");
  };
  for (const std::string script : {"a", "b", "c", "c", "b", "a"}) {
    EXPECT_FALSE(Run(Request("SELECT 1", script)));
  }
  EXPECT_EQ(runner_.run_count, 4);  // a again
}

TEST_F(CachedRunnerTest, ALearnersErrorIsKept) {
  runner_.answer = [](const RunRequest&) {
    return RunOutcome{.error = sql::StatementError{.code = "c", .message = "no such table: x"}};
  };
  EXPECT_FALSE(IsCached(Request()));
  EXPECT_TRUE(IsCached(Request()));
}

TEST_F(CachedRunnerTest, AnOutcomeIsForgottenAfterItsLifetime) {
  ASSERT_FALSE(IsCached(Request()));
  now_ += std::chrono::seconds(3599);
  EXPECT_TRUE(IsCached(Request()));
  now_ += std::chrono::seconds(1);
  EXPECT_FALSE(IsCached(Request()));
  EXPECT_TRUE(IsCached(Request()));
}

// Both references outlive the task.
aio::Task<void> RunOne(CachedRunner& runner, RunRequest request, Result<RunOutcomeRef>& out) {
  out = co_await runner.Run(std::move(request), Deadline::After(60s));
}

aio::Task<int> ReleaseAndWait(ScriptedRunner& runner, aio::TaskScope& scope) {
  runner.is_held = false;
  runner.released.NotifyAll();
  co_await scope.Join();
  co_return 0;
}

TEST_F(CachedRunnerTest, OfTheSameRunAtOnceOneIsMade) {
  runner_.is_held = true;
  aio::TaskScope scope(loop_.get_executor());
  std::list<Result<RunOutcomeRef>> outcomes;
  for (int i = 0; i < 10; ++i) {
    outcomes.emplace_back(Fail(Code::kInternal, "not run"));
    scope.Spawn(RunOne(*cached_, Request(), outcomes.back()));
  }
  loop_.restart();
  loop_.poll();
  RunUntilDone(loop_, ReleaseAndWait(runner_, scope));
  EXPECT_EQ(runner_.run_count, 1);
  EXPECT_EQ(cached_->counts().joined, 9U);
  for (const auto& outcome : outcomes) {
    EXPECT_TRUE(outcome.has_value());
  }
}

TEST_F(CachedRunnerTest, WhoWaitsForARunThatIsCancelledMakesIt) {
  runner_.is_held = true;
  aio::TaskScope first(loop_.get_executor());
  aio::TaskScope second(loop_.get_executor());
  Result<RunOutcomeRef> cancelled = Fail(Code::kInternal, "not run");
  Result<RunOutcomeRef> waiting = Fail(Code::kInternal, "not run");
  first.Spawn(RunOne(*cached_, Request(), cancelled));
  loop_.restart();
  loop_.poll();
  second.Spawn(RunOne(*cached_, Request(), waiting));
  loop_.restart();
  loop_.poll();
  first.Cancel();
  loop_.restart();
  loop_.poll();
  RunUntilDone(loop_, ReleaseAndWait(runner_, second));
  EXPECT_EQ(cancelled.error().code, Code::kCancelled);
  EXPECT_TRUE(waiting.has_value());
  EXPECT_EQ(runner_.run_count, 2);
}

}  // namespace
}  // namespace paddock::challenges
