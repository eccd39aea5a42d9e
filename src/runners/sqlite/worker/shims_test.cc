#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runners/sqlite/worker/testing/worker_fixture.h"

namespace paddock::runners::sqlite {
namespace {

using challenges::MakeSchema;
using challenges::RunRequest;
using challenges::Shim;
using ::testing::HasSubstr;
using testing::kPeople;
using testing::Shown;
using testing::WorkerTest;

TEST_F(WorkerTest, ShimsExistOnlyWhereTheyAreOffered) {
  RunRequest request{.schema = MakeSchema(sql::Dialect::kSqlite, std::string(kPeople)),
                     .query = "SELECT YEAR('2024-02-09')",
                     .shims = static_cast<challenges::ShimSet>(Shim::kYear)};
  EXPECT_EQ(Shown(Run(request).results.at(0)), "2024");
  request.shims = static_cast<challenges::ShimSet>(Shim::kMonth);
  EXPECT_EQ(Run(request).error->message, "no such function: YEAR");
}

TEST_F(WorkerTest, ShimsMeanWhatTheyMeanInMysql) {
  constexpr auto kMeanings = std::to_array<std::pair<std::string_view, std::string_view>>({
      {"YEAR('2024-02-09'), MONTH('2024-02-09'), DAY('2024-02-09')", "2024 2 9"},
      {"YEAR('2024-2-9 10:11:12'), MONTH('2024/02/09'), DAY('20240209')", "2024 2 9"},
      {"YEAR('24-02-09'), YEAR('70-01-01'), YEAR(240209)", "2024 1970 2024"},
      {"YEAR(NULL), MONTH(NULL), DAY(NULL)", "NULL NULL NULL"},
      {"YEAR('garbage'), MONTH('2024-13-01'), DAY('2024-02-30')", "NULL NULL NULL"},
      {"DAY('2024-02-29'), DAY('2023-02-29'), MONTH('2024-00-00')", "29 NULL 0"},
      {"YEAR(''), YEAR('2024'), YEAR('2024-02-09x')", "NULL NULL NULL"},
      {"IF(1, 'a', 'b'), IF(0, 'a', 'b'), IF(NULL, 'a', 'b'), IF('x', 'a', 'b')",
       "'a' 'b' 'b' 'b'"},
      {"IF(0.5, 1, 2), IF('1x', 1, 2), IF(2 > 1, NULL, 2)", "1 1 NULL"},
      {"CONCAT('a', 1, 2.5), CONCAT('a', NULL), CONCAT('資', '料')", "'a12.5' NULL '資料'"},
  });
  RunRequest request{.schema = MakeSchema(sql::Dialect::kSqlite, ""),
                     .shims = challenges::kAllShims};
  for (const auto& [query, meaning] : kMeanings) {
    request.query = fmt::format("SELECT {}", query);
    const auto outcome = Run(request);
    ASSERT_FALSE(outcome.error) << outcome.error->message;
    EXPECT_EQ(Shown(outcome.results.at(0)), meaning);
  }
  request.query = "SELECT CONCAT()";
  EXPECT_TRUE(Run(request).error);
}

TEST_F(WorkerTest, LeftAndRightAreThereWhereTheGrammarHasThem) {
  const auto callable = Worker::Greeting().shims;
  RunRequest request{
      .schema = MakeSchema(sql::Dialect::kSqlite, ""),
      .query = "SELECT LEFT('資料庫', 2), LEFT('ab', -1), LEFT(NULL, 1), LEFT(1234, 2)",
      .shims = challenges::kAllShims};
  const auto outcome = Run(request);
  if ((callable & static_cast<challenges::ShimSet>(Shim::kLeft)) != 0) {
    EXPECT_EQ(Shown(outcome.results.at(0)), "'資料' '' NULL '12'");
  } else {
    EXPECT_THAT(outcome.error->message, HasSubstr("syntax error"));
  }
}

}  // namespace
}  // namespace paddock::runners::sqlite
