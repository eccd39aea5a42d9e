#include "playground/local_runner.h"

#include <memory>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "aio/testing/run_on.h"
#include "challenges/testing/scripted_runner.h"

namespace paddock::playground {
namespace {

using challenges::LimitHit;
using challenges::RunOutcome;
using sql::CellType;

challenges::ResultSet Table(const std::string& name, const std::string& text) {
  challenges::ResultSet result{.columns = {{.name = name}}, .rows = sql::Rows(1)};
  result.rows.Add(CellType::kText, text);
  return result;
}

class LocalRunnerTest : public ::testing::Test {
 protected:
  LocalRunnerTest() {
    runner_.answer = [this](const challenges::RunRequest&) { return answer_; };
  }
  template <class T>
  T Await(aio::Task<T> task) {
    return aio::testing::RunOn(loop_, std::move(task));
  }
  RunReply Run(std::string query) {
    auto reply = Await(service_.RunQuery("schema", std::move(query), Soon()));
    EXPECT_TRUE(reply) << reply.error().message;
    return reply.value_or(RunReply{});
  }
  static Deadline Soon() { return Deadline::After(std::chrono::seconds(10)); }

  boost::asio::io_context loop_;
  Result<RunOutcome> answer_ = RunOutcome{};
  challenges::testing::ScriptedRunner runner_;
  LocalRunner service_{runner_};
};

TEST_F(LocalRunnerTest, TheTextIsRunAsItWasWritten) {
  Run("SELECT  p.price AS \"Price\"  FROM p -- all");
  EXPECT_EQ(runner_.asked.query, "SELECT  p.price AS \"Price\"  FROM p -- all");
  EXPECT_EQ(runner_.asked.schema->script, "schema");
}

TEST_F(LocalRunnerTest, AnOutputIsFetchedByTheIdThatTheRunGave) {
  answer_->results.push_back(Table("first", "1"));
  answer_->results.push_back(Table("last", "2"));
  const auto reply = Run("SELECT 1; SELECT 2");
  const auto output = Await(service_.RetrieveQuery(reply.id, Soon()));
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_EQ((*output)->header, std::vector<std::string>{"last"});
  ASSERT_EQ((*output)->rows.size(), 1);
  EXPECT_EQ((*output)->rows[0][0], "2");
}

TEST_F(LocalRunnerTest, EqualOutputsAreTheSameAndOthersAreNot) {
  answer_->results = {};
  answer_->results.push_back(Table("n", "1"));
  const auto left = Run("SELECT 1 AS n");
  const auto same = Run("SELECT 2 - 1 AS n");
  answer_->results = {};
  answer_->results.push_back(Table("n", "2"));
  const auto other = Run("SELECT 2 AS n");
  EXPECT_TRUE(*Await(service_.AreQueriesOutputSame(left.id, same.id, Soon())));
  EXPECT_FALSE(*Await(service_.AreQueriesOutputSame(left.id, other.id, Soon())));
}

TEST_F(LocalRunnerTest, WhatTheDatabaseSaysIsAnAnswerAndNoFailure) {
  answer_->error = {.code = "1", .message = "no such table: x"};
  EXPECT_EQ(Run("SELECT * FROM x").error, "query: no such table: x");
  answer_->error.reset();
  answer_->limit = LimitHit::kTime;
  EXPECT_EQ(Run("SELECT slow").error, "query timeout (takes more than 1 second)");
  answer_ = Fail(Code::kInvalid, "no such table: y");
  EXPECT_EQ(Run("SELECT 1").error, "exec init: no such table: y");
}

TEST_F(LocalRunnerTest, AResultThatWasCutShortIsNoResult) {
  for (const auto limit : {LimitHit::kTime, LimitHit::kRows, LimitHit::kBytes, LimitHit::kCell,
                           LimitHit::kMemory, LimitHit::kResults}) {
    answer_->limit = limit;
    const auto reply = Run("SELECT much");
    EXPECT_TRUE(reply.id.empty());
    EXPECT_FALSE(reply.error.empty());
  }
}

TEST_F(LocalRunnerTest, WhatIsMissingIsNamedAndWhatIsUnknownHasExpired) {
  const auto no_schema = Await(service_.RunQuery("", "SELECT 1", Soon()));
  ASSERT_FALSE(no_schema);
  EXPECT_EQ(no_schema.error().message, "schema is required");
  const auto no_query = Await(service_.RunQuery("schema", "", Soon()));
  ASSERT_FALSE(no_query);
  EXPECT_EQ(no_query.error().message, "query is required");
  const auto unknown = Await(service_.RetrieveQuery("abc", Soon()));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code::kNotFound);
  const auto left = Run("SELECT 1");
  const auto half = Await(service_.AreQueriesOutputSame(left.id, "abc", Soon()));
  ASSERT_FALSE(half);
  EXPECT_EQ(half.error().message, "right_id expired – re-query again!");
}

TEST(OutputShelf, AnOutputStaysAnHourAfterItWasLastAskedFor) {
  OutputShelf shelf;
  const auto begin = OutputShelf::Clock::time_point{};
  const auto id = shelf.Put({.header = {"a"}, .rows = {{"1"}}}, begin);
  EXPECT_TRUE(shelf.Find(id, begin + std::chrono::minutes(50)));
  EXPECT_TRUE(shelf.Find(id, begin + std::chrono::minutes(100)));
  EXPECT_FALSE(shelf.Find(id, begin + std::chrono::minutes(161)));
}

TEST(OutputShelf, TheLongestUnusedGoesWhenItIsFull) {
  OutputShelf shelf(1'000);
  const auto now = OutputShelf::Clock::time_point{};
  const auto first = shelf.Put({.header = {"a"}, .rows = {{std::string(400, 'x')}}}, now);
  const auto second = shelf.Put({.header = {"b"}, .rows = {{std::string(400, 'x')}}}, now);
  EXPECT_FALSE(shelf.Find(first, now));
  EXPECT_TRUE(shelf.Find(second, now));
}

TEST(OutputShelf, NullAndItsNameAreTwoOutputs) {
  OutputShelf shelf;
  const auto now = OutputShelf::Clock::time_point{};
  EXPECT_NE(shelf.Put({.header = {"a"}, .rows = {{std::nullopt}}}, now),
            shelf.Put({.header = {"a"}, .rows = {{"NULL"}}}, now));
  EXPECT_NE(shelf.Put({.header = {"a", "b"}, .rows = {}}, now),
            shelf.Put({.header = {"a:b"}, .rows = {}}, now));
}

}  // namespace
}  // namespace paddock::playground
