#include "challenges/dialect_runner.h"

#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "aio/testing/run_on.h"
#include "challenges/testing/scripted_runner.h"

namespace paddock::challenges {
namespace {

using namespace std::chrono_literals;

Result<RunOutcomeRef> RunOn(Runner& runner, sql::Dialect dialect) {
  boost::asio::io_context loop;
  RunRequest request{.schema = MakeSchema(dialect, "S"), .query = "SELECT 1"};
  return aio::testing::RunUntilDone(loop, runner.Run(std::move(request), Deadline::After(60s)));
}

TEST(DialectRunner, ARunGoesToTheRunnerOfItsDatabase) {
  testing::ScriptedRunner sqlite;
  testing::ScriptedRunner postgres;
  DialectRunner runner;
  runner.Add(sql::Dialect::kSqlite, sqlite);
  runner.Add(sql::Dialect::kPostgres, postgres);
  EXPECT_TRUE(RunOn(runner, sql::Dialect::kPostgres));
  EXPECT_EQ(sqlite.run_count, 0);
  EXPECT_EQ(postgres.run_count, 1);
}

TEST(DialectRunner, WithoutADatabaseServerItSaysWhoHasToDoWhat) {
  DialectRunner runner;
  const auto outcome = RunOn(runner, sql::Dialect::kMariadb);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::kConflict) << "whose words reach the user";
  EXPECT_NE(outcome.error().message.find("--challenge-mariadb"), std::string::npos)
      << outcome.error().message;
}

}  // namespace
}  // namespace paddock::challenges
