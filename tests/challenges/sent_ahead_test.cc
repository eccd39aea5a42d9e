// Runs that stand behind another in one worker: nobody waits for it, and nobody suffers with it.
#include <cstddef>
#include <list>
#include <string>

#include <gtest/gtest.h>

#include "pool_fixture.h"

namespace paddock::runners::sqlite {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture

/// Runs at once, on one schema that every worker knows: first one that takes as long as it may,
/// then some that do not.
class RunsSentAhead : public PoolTest {
 protected:
  static constexpr std::size_t kQuick = 7;  // one for each place but the first

  void StartAll(std::chrono::milliseconds slow_time, std::size_t workers) {
    StartWith({.running_max = workers, .sent_max = 4, .grace = 10s});
    std::list<Result<RunOutcomeRef>> ready;
    for (std::size_t worker = 0; worker < workers; ++worker) {
      ready.emplace_back(Fail(Code::kInternal, "not run"));
      scope_.Spawn(RunOne(*runner_, Request("SELECT 1"), ready.back()));
    }
    RunUntilDone(loop_, WaitForAll(scope_));
    RunRequest slow = Request(std::string(kEndless));
    slow.limits.time = slow_time;
    slow_scope_.Spawn(RunOne(*runner_, slow, slow_));
    for (std::size_t i = 0; i < kQuick; ++i) {
      quick_.emplace_back(Fail(Code::kInternal, "not run"));
      scope_.Spawn(RunOne(*runner_, Request("SELECT n FROM t"), quick_.back()));
    }
  }
  static RunRequest Request(std::string query) {
    return {.schema = Numbered(7), .query = std::move(query)};
  }
  /// Until the quick ones are over. They are whole, all of them.
  void AwaitQuick() {
    RunUntilDone(loop_, WaitForAll(scope_));
    for (const auto& outcome : quick_) {
      ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
      EXPECT_EQ(Cell(*outcome), "7");
    }
  }
  void AwaitSlow() { RunUntilDone(loop_, WaitForAll(slow_scope_)); }
  /// Until all have been sent.
  void Poll() {
    loop_.restart();
    loop_.poll();
  }

  aio::TaskScope scope_{loop_.get_executor()};
  aio::TaskScope slow_scope_{loop_.get_executor()};
  Result<RunOutcomeRef> slow_ = Fail(Code::kInternal, "not run");
  std::list<Result<RunOutcomeRef>> quick_;
};

TEST_F(RunsSentAhead, DoNotWaitForASlowOne) {
  StartAll(30s, 2);
  AwaitQuick();
  EXPECT_FALSE(slow_.has_value()) << "it is still at it";
  EXPECT_EQ(runner_->counts().recalled, 3U) << "those that stood behind it";
  slow_scope_.Cancel();
  AwaitSlow();
  EXPECT_EQ(slow_.error().code, Code::kCancelled);
  EXPECT_EQ(Says("SELECT n FROM t"), "7");
  EXPECT_EQ(runner_->counts().overdue + runner_->counts().crashed, 0U);
}

TEST_F(RunsSentAhead, AreNotEndedByTheStopOfTheOneBefore) {
  StartAll(30s, 1);
  Poll();
  slow_scope_.Cancel();
  AwaitSlow();
  AwaitQuick();
  EXPECT_EQ(runner_->counts().overdue + runner_->counts().crashed, 0U);
}

TEST_F(RunsSentAhead, AreRunByAnotherWhenTheirWorkerDies) {
  StartAll(30s, 1);
  Poll();
  KillChildren();
  AwaitQuick();
  AwaitSlow();
  ASSERT_FALSE(slow_.has_value());
  EXPECT_EQ(slow_.error().code, Code::kUnavailable);
}

TEST_F(RunsSentAhead, AreRunByAnotherWhenTheirWorkerIsKilledAtItsTime) {
  StartWith({.running_max = 1, .grace = 50ms});
  EXPECT_EQ(Says("SELECT n FROM t"), "7");
  RunRequest deaf = Request(std::string(kDeaf));
  deaf.limits.time = 50ms;
  slow_scope_.Spawn(RunOne(*runner_, deaf, slow_));
  quick_.emplace_back(Fail(Code::kInternal, "not run"));
  scope_.Spawn(RunOne(*runner_, Request("SELECT n FROM t"), quick_.back()));
  AwaitQuick();
  AwaitSlow();
  ASSERT_TRUE(slow_.has_value()) << slow_.error().message;
  EXPECT_EQ((*slow_)->limit, LimitHit::kTime);
  EXPECT_EQ(runner_->counts().overdue, 1U);
}

TEST_F(RunsSentAhead, MayBeGivenUpByTheirCallers) {
  StartAll(300ms, 1);
  Poll();
  scope_.Cancel();
  RunUntilDone(loop_, WaitForAll(scope_));
  AwaitSlow();
  ASSERT_TRUE(slow_.has_value()) << slow_.error().message;
  EXPECT_EQ((*slow_)->limit, LimitHit::kTime) << "its own time, and nobody's stop";
  EXPECT_EQ(Says("SELECT n FROM t"), "7");
  EXPECT_EQ(runner_->counts().overdue + runner_->counts().crashed, 0U);
}

TEST_F(RunsSentAhead, AreEachToldThatTheScriptFails) {
  StartWith({});
  const auto broken = MakeSchema(sql::Dialect::kSqlite, "CREATE TABLE t(id int");
  for (std::size_t i = 0; i < kQuick; ++i) {
    quick_.emplace_back(Fail(Code::kInternal, "not run"));
    scope_.Spawn(RunOne(*runner_, {.schema = broken, .query = "SELECT 1"}, quick_.back()));
  }
  RunUntilDone(loop_, WaitForAll(scope_));
  for (const auto& outcome : quick_) {
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code, Code::kInvalid) << outcome.error().message;
  }
}

TEST_F(RunsSentAhead, AreForAWorkerThatIsAwakeWhenRunsAreQuick) {
  StartWith({.running_max = 2});
  const auto run_at_once = [this](std::size_t count) {
    quick_.clear();
    for (std::size_t i = 0; i < count; ++i) {
      quick_.emplace_back(Fail(Code::kInternal, "not run"));
      scope_.Spawn(RunOne(*runner_, Request("SELECT n FROM t"), quick_.back()));
    }
    AwaitQuick();
  };
  run_at_once(2);
  EXPECT_EQ(runner_->counts().sent_ahead, 0U) << "how long they take is not known yet";
  const auto deadline = Deadline::After(30s);
  while (runner_->counts().sent_ahead == 0 && !deadline.Passed()) {
    run_at_once(2);  // for which there are two workers
  }
  EXPECT_GT(runner_->counts().sent_ahead, 0U);
}

}  // namespace
}  // namespace paddock::runners::sqlite
