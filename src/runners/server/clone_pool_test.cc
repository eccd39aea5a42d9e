#include "runners/server/clone_pool.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "aio/testing/run_on.h"
#include "runners/server/clone_lease.h"
#include "runners/server/testing/scripted_databases.h"

namespace paddock::runners::server {
namespace {

using aio::testing::RunUntilDone;

challenges::SchemaRef Schema(const std::string& name) {
  return challenges::MakeSchema(sql::Dialect::kPostgres, name);
}

class ClonePoolTest : public ::testing::Test {
 protected:
  static Deadline Soon() { return Deadline::After(std::chrono::seconds(30)); }

  void StartWith(ClonePoolConfig config) {
    config.quiet = std::chrono::milliseconds(0);
    pool_.emplace(loop_.get_executor(), databases_, config);
  }
  void TearDown() override {
    if (pool_) {
      RunUntilDone(loop_, Stop(*pool_));
    }
  }

  Result<ShelfRef> Prepare(const std::string& name) {
    return RunUntilDone(loop_, pool_->Prepare(Schema(name), Soon()));
  }
  Result<ClonePool::Lease> Acquire(const std::string& name, Use use, Deadline deadline) {
    auto shelf = Prepare(name);
    if (!shelf) {
      return Fail(shelf.error());
    }
    return RunUntilDone(loop_, pool_->Acquire(*shelf, use, deadline));
  }
  Result<ClonePool::Lease> Acquire(const std::string& name, Use use = Use::kClone) {
    return Acquire(name, use, Soon());
  }
  /// What goes on by itself, to its end.
  void Settle() {
    loop_.restart();
    loop_.poll();
  }

  boost::asio::io_context loop_;
  testing::ScriptedDatabases databases_;
  std::optional<ClonePool> pool_;

 private:
  static aio::Task<int> Stop(ClonePool& pool) {
    co_await pool.Stop();
    co_return 0;
  }
};

TEST_F(ClonePoolTest, ACloneIsDroppedAfterOneRun) {
  StartWith({.ready_max = 0});
  {
    ASSERT_TRUE(Acquire("a"));
  }
  EXPECT_EQ(databases_.databases.count("clone_1"), 1U);
  Settle();
  EXPECT_EQ(databases_.databases.count("clone_1"), 0U);
  EXPECT_EQ(pool_->clone_count(), 0U);
}

TEST_F(ClonePoolTest, ASchemaIsPreparedOnce) {
  StartWith({});
  {
    ASSERT_TRUE(Acquire("a"));
  }
  {
    ASSERT_TRUE(Acquire("a"));
  }
  {
    ASSERT_TRUE(Acquire("b"));
  }
  EXPECT_EQ(databases_.prepared, 2);
}

TEST_F(ClonePoolTest, AReaderServesOneRunAfterTheOther) {
  StartWith({.ready_max = 1});
  for (int run = 0; run < 5; ++run) {
    {
      ASSERT_TRUE(Acquire("a", Use::kReader));
    }
    Settle();
  }
  EXPECT_LE(databases_.readers, 2);
}

TEST_F(ClonePoolTest, AReaderIsReplacedAfterItsRuns) {
  StartWith({.ready_max = 0, .reader_runs_max = 2});
  for (int run = 0; run < 4; ++run) {
    {
      ASSERT_TRUE(Acquire("a", Use::kReader));
    }
    Settle();
  }
  EXPECT_EQ(databases_.readers, 2);
}

TEST_F(ClonePoolTest, ClonesAreReadyForTheNextRun) {
  StartWith({.ready_max = 4});
  {
    ASSERT_TRUE(Acquire("a"));
  }
  Settle();
  databases_.is_held = true;  // nothing more is made
  auto first = Acquire("a");
  auto second = Acquire("a");
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
  databases_.Let();
}

TEST_F(ClonePoolTest, ThereAreNeverMoreClonesThanTheLimit) {
  StartWith({.ready_max = 4, .clones_max = 3});
  for (int run = 0; run < 20; ++run) {
    {
      ASSERT_TRUE(Acquire(run % 2 == 0 ? "a" : "b")) << run;
    }
    Settle();
    EXPECT_LE(pool_->clone_count(), 3U);
  }
  EXPECT_LE(databases_.most, 3U + (2 * 2));
}

TEST_F(ClonePoolTest, WhoWaitsTakesFromTheSchemaThatWasNotUsedForLongest) {
  StartWith({.ready_max = 2, .clones_max = 2});
  {
    ASSERT_TRUE(Acquire("a"));
  }
  Settle();
  EXPECT_EQ(pool_->clone_count(), 2U);  // both are a's
  EXPECT_TRUE(Acquire("b"));
}

TEST_F(ClonePoolTest, TheSchemaThatWasNotUsedForLongestMakesRoom) {
  StartWith({.ready_max = 0, .schemas_max = 2});
  for (const char* name : {"a", "b", "a", "c"}) {
    {
      ASSERT_TRUE(Acquire(name));
    }
    Settle();
  }
  EXPECT_TRUE(databases_.databases.contains("a_source"));
  EXPECT_FALSE(databases_.databases.contains("b_source"));
  EXPECT_FALSE(databases_.databases.contains("b_readers"));
  EXPECT_TRUE(databases_.databases.contains("c_source"));
}

TEST_F(ClonePoolTest, SchemasInUseMakeNoRoom) {
  StartWith({.schemas_max = 1});
  auto lease = Acquire("a");
  ASSERT_TRUE(lease);
  const auto other = Acquire("b");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::kExhausted);
}

TEST_F(ClonePoolTest, WaitingHasAnEndAndALimit) {
  StartWith({.ready_max = 1, .clones_max = 1, .waiting_max = 1});
  auto lease = Acquire("a");
  ASSERT_TRUE(lease);
  const auto late = Acquire("a", Use::kClone, Deadline::After(std::chrono::seconds(0)));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::kDeadlineExceeded);
  auto shelf = Prepare("a");
  ASSERT_TRUE(shelf);
  std::optional<Result<ClonePool::Lease>> waiting;
  aio::TaskScope scope(loop_.get_executor());
  auto wait = [](ClonePool& pool, ShelfRef from,
                 std::optional<Result<ClonePool::Lease>>& out) -> aio::Task<void> {
    auto got = co_await pool.Acquire(std::move(from), Use::kClone, Soon());
    out.emplace(std::move(got));
  };
  scope.Spawn(wait(*pool_, *shelf, waiting));
  Settle();
  const auto beyond = Acquire("a");
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, Code::kExhausted);
  {
    auto ended = std::move(lease);
  }
  Settle();
  ASSERT_TRUE(waiting);
  EXPECT_TRUE(*waiting);
}

TEST_F(ClonePoolTest, WhatCannotBeMadeIsSaidToWhoWaits) {
  StartWith({});
  ASSERT_TRUE(Prepare("a"));
  databases_.failure = Error{.code = Code::kConflict, .message = "no room"};
  const auto lease = Acquire("a");
  ASSERT_FALSE(lease);
  EXPECT_EQ(lease.error().code, Code::kUnavailable);
  databases_.failure.reset();
  EXPECT_TRUE(Acquire("a"));
}

TEST_F(ClonePoolTest, AScriptThatFailsMayBeTriedAgain) {
  StartWith({});
  ASSERT_TRUE(Prepare("b"));
  databases_.failure = Error{.code = Code::kInvalid, .message = "syntax error"};
  const auto prepared = Prepare("a");
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().code, Code::kInvalid);
  databases_.failure.reset();
  EXPECT_TRUE(Prepare("a"));
}

TEST_F(ClonePoolTest, AServerThatIsNotThereIsNobodysFault) {
  StartWith({});
  databases_.failure = Error{.code = Code::kInvalid, .message = "no superuser"};
  const auto prepared = Prepare("a");
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().code, Code::kUnavailable);
}

TEST_F(ClonePoolTest, WhenTheServerIsLostAllIsMadeAgain) {
  StartWith({.ready_max = 2});
  {
    ASSERT_TRUE(Acquire("a"));
  }
  Settle();
  auto old = Prepare("a");
  ASSERT_TRUE(old);
  databases_.Lose();
  auto again = Acquire("a");
  EXPECT_TRUE(again);
  EXPECT_EQ(databases_.opened, 2);
  EXPECT_EQ(databases_.prepared, 2);
  const auto stale = RunUntilDone(loop_, pool_->Acquire(*old, Use::kClone, Soon()));
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, Code::kConflict);
}

TEST_F(ClonePoolTest, WhoLetsGoOfTheServerHasNothingLeftAndBeginsAgain) {
  StartWith({.ready_max = 2});
  {
    ASSERT_TRUE(Acquire("a"));
  }
  Settle();
  ASSERT_TRUE(pool_->LetGo());
  EXPECT_FALSE(databases_.is_open());
  EXPECT_EQ(pool_->clone_count(), 0U);
  EXPECT_TRUE(Acquire("a"));
  EXPECT_EQ(databases_.opened, 2);
  EXPECT_EQ(databases_.prepared, 2);
}

TEST_F(ClonePoolTest, NothingIsLetGoOfWhileADatabaseIsBeingMade) {
  StartWith({.ready_max = 2});
  {
    ASSERT_TRUE(Acquire("a"));
  }
  Settle();
  databases_.is_held = true;
  {
    ASSERT_TRUE(Acquire("a"));
  }
  Settle();
  EXPECT_FALSE(pool_->LetGo());
  EXPECT_TRUE(databases_.is_open());
  databases_.Let();
  Settle();
  EXPECT_TRUE(pool_->LetGo());
}

TEST_F(ClonePoolTest, WhoWaitsWhileTheServerIsLostBeginsAgain) {
  StartWith({});
  auto shelf = Prepare("a");
  ASSERT_TRUE(shelf);
  databases_.is_held = true;
  std::optional<Result<ClonePool::Lease>> waiting;
  aio::TaskScope scope(loop_.get_executor());
  auto wait = [](ClonePool& pool, ShelfRef from,
                 std::optional<Result<ClonePool::Lease>>& out) -> aio::Task<void> {
    auto got = co_await pool.Acquire(std::move(from), Use::kClone, Soon());
    out.emplace(std::move(got));
  };
  scope.Spawn(wait(*pool_, *shelf, waiting));
  Settle();
  databases_.Lose();
  databases_.Let();
  Settle();
  ASSERT_TRUE(waiting);
  ASSERT_FALSE(*waiting);
  EXPECT_EQ(waiting->error().code, Code::kConflict);
}

}  // namespace
}  // namespace paddock::runners::server
