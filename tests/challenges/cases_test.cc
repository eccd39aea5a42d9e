// Every case of cases.txt on the pool of SQLite workers.
#include "cases.h"

#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aio/testing/run_on.h"
#include "runners/sqlite/sqlite_runner.h"

namespace paddock::challenges {
namespace {

using aio::testing::RunUntilDone;
using runners::sqlite::SqliteRunner;
using testing::Case;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::chrono::seconds kPatience{60};
constexpr std::size_t kCasesMin = 50;  // an empty file passes nothing

class CasesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    runner_.emplace(loop_.get_executor(),
                    runners::sqlite::SqliteRunnerConfig{.command = {PADDOCK_WORKER_PROBE, "real"}});
    const auto started = RunUntilDone(loop_, runner_->Start(Deadline::After(kPatience)));
    ASSERT_TRUE(started.has_value());
  }
  void TearDown() override {
    auto stop = [](SqliteRunner& runner) -> aio::Task<int> {
      co_await runner.Stop();
      co_return 0;
    };
    RunUntilDone(loop_, stop(*runner_));
  }

  bool Applies(const Case& item) {
    const auto can = [&](Shim shim) {
      return (runner_->engine().shims & static_cast<ShimSet>(shim)) != 0;
    };
    return (!item.only || can(*item.only)) && (!item.unless || !can(*item.unless));
  }

  Result<RunOutcomeRef> Run(const Case& item) {
    RunRequest request{.schema = MakeSchema(sql::Dialect::kSqlite, item.script),
                       .query = item.query,
                       .shims = item.shims,
                       .limits = item.limits};
    return RunUntilDone(loop_, runner_->Run(std::move(request), Deadline::After(kPatience)));
  }

  boost::asio::io_context loop_;
  std::optional<SqliteRunner> runner_;
};

void Check(const Case& item, const RunOutcome& outcome) {
  EXPECT_EQ(outcome.limit, item.limit);
  if (!item.error.empty()) {
    ASSERT_TRUE(outcome.error);
    EXPECT_THAT(outcome.error->message, HasSubstr(item.error));
    return;
  }
  EXPECT_FALSE(outcome.error) << outcome.error->message;
  if (item.limit != LimitHit::kNone) {
    EXPECT_FALSE(outcome.is_whole());
    return;
  }
  std::vector<std::string> results;
  results.reserve(outcome.results.size());
  for (const ResultSet& result : outcome.results) {
    results.push_back(testing::Render(result));
  }
  EXPECT_EQ(results, item.results);
  EXPECT_EQ(results.empty(), item.nothing);
}

TEST_F(CasesTest, EveryCaseHoldsInPaddocksOwnWords) {
  const auto cases = testing::ReadCases(PADDOCK_CASES);
  ASSERT_GE(cases.size(), kCasesMin);
  for (const Case& item : cases) {
    SCOPED_TRACE(item.id + " " + item.title);
    if (!Applies(item)) {
      continue;
    }
    const auto outcome = Run(item);
    if (!item.schema_error.empty()) {
      ASSERT_FALSE(outcome.has_value());
      EXPECT_EQ(outcome.error().code, Code::kInvalid);
      EXPECT_THAT(outcome.error().message, HasSubstr(item.schema_error));
    } else {
      ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
      Check(item, **outcome);
    }
  }
}

}  // namespace
}  // namespace paddock::challenges
