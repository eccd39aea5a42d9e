// What the tests of single engines on real servers share: a fixture, and a sink that waits.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "aio/condition.h"
#include "sql/testing/engine_fixture.h"

namespace paddock::testing {

/// Takes one batch and then nothing, until it is let go on; then it refuses.
class WaitingSink final : public sql::ResultSink {
 public:
  aio::Task<Result<void>> Columns(std::vector<sql::Column> /*columns*/) override {
    co_return Result<void>();
  }
  aio::Task<Result<void>> Append(sql::Rows /*rows*/) override {
    ++batch_count;
    changed.NotifyAll();
    while (!is_let_go) {
      auto waited = co_await changed.Wait(Deadline::After(std::chrono::seconds(30)));
      EXPECT_TRUE(waited);
    }
    co_return Fail(Code::kExhausted, "enough");
  }
  aio::Task<Result<void>> Complete(sql::CommandResult /*result*/) override {
    co_return Result<void>();
  }
  void Note(sql::Notice /*notice*/) override {}

  int batch_count = 0;
  bool is_let_go = false;
  aio::Condition changed;
};

class EngineTest : public sql::testing::EngineFixture {
 protected:
  using Sink = sql::testing::RecordingSink;
  static constexpr int kTriesMax = 2'000;

  struct Running {
    std::optional<Result<sql::StatementOutcome>> ended = std::nullopt;
    aio::Condition changed = {};  // NOLINT: may be left out
  };
  static aio::Task<void> Run(sql::Session& session,
                             std::string statement,
                             sql::ResultSink& sink,
                             Running& running) {
    running.ended = co_await session.Execute(std::move(statement), sink, Soon());
    running.changed.NotifyAll();
  }
  static aio::Task<bool> AwaitEnd(Running& running) {
    while (!running.ended) {
      auto waited = co_await running.changed.Wait(Soon());
      EXPECT_TRUE(waited);
    }
    co_return true;
  }
  static aio::Task<bool> AwaitBatch(WaitingSink& sink) {
    while (sink.batch_count == 0) {
      auto waited = co_await sink.changed.Wait(Soon());
      EXPECT_TRUE(waited);
    }
    co_return true;
  }
  /// Asks again, with turns of the loop between, until it is so.
  static aio::Task<bool> Becomes(std::function<bool()> is_so) {
    const auto executor = co_await boost::asio::this_coro::executor;
    for (int i = 0; i < kTriesMax; ++i) {
      if (is_so()) {
        co_return true;
      }
      co_await boost::asio::post(executor, boost::asio::use_awaitable);
    }
    co_return false;
  }
  /// Runs what has no end with a sink that waits; then `is_waiting` says that the server waits too.
  void ExpectBackPressure(const std::string& statement, const std::function<bool()>& is_waiting) {
    aio::TaskScope scope(loop_.get_executor());
    WaitingSink sink;
    Running running;
    scope.Spawn(Run(*session_, statement, sink, running));
    Await(AwaitBatch(sink));
    EXPECT_TRUE(Await(Becomes(is_waiting)));
    EXPECT_EQ(sink.batch_count, 1);
    sink.is_let_go = true;
    sink.changed.NotifyAll();
    Await(AwaitEnd(running));
    EXPECT_EQ(CodeOf(*running.ended), Code::kExhausted);
    ExpectUsable(*session_);
  }
  /// Runs what has no end until rows come, does `harm`, and expects the session to be over.
  void ExpectLoss(const std::string& statement, const std::function<void()>& harm) {
    Sink sink;
    sink.on_batch = [&sink, &harm] {
      if (sink.batch_count == 0) {
        harm();
      }
    };
    EXPECT_EQ(CodeOf(Execute(*session_, statement, sink)), Code::kUnavailable);
    EXPECT_GT(sink.batch_count, 0U);
    EXPECT_FALSE(session_->is_open());
  }
};

}  // namespace paddock::testing
