#include "runners/sqlite/protocol/messages.h"

#include <array>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "runners/sqlite/protocol/outcome_writer.h"

namespace paddock::runners::sqlite {
namespace {

using challenges::LimitHit;
using challenges::MakeSchema;
using challenges::RunLimits;
using challenges::RunOutcome;
using challenges::RunRequest;
using sql::CellType;

std::string_view PayloadOf(std::string_view frame) { return frame.substr(kFrameHeaderBytes); }

RunRequest Whole() {
  return {.schema = MakeSchema(sql::Dialect::kSqlite, "CREATE TABLE t (n)"),
          .query = "SELECT '資料'",
          .checks = {"SELECT 1", ""},
          .shims = 5,
          .limits = {.time = std::chrono::milliseconds(123),
                     .rows = 4,
                     .bytes = 500,
                     .cell_bytes = 60,
                     .results = 7}};
}

TEST(Messages, ARequestArrivesAsItWas) {
  const auto request = Whole();
  for (const bool with_script : {false, true}) {
    std::string frame;
    AppendRequest(frame, request, with_script, 7);
    const auto decoded = DecodeRequest(PayloadOf(frame));
    ASSERT_TRUE(decoded);
    const auto& got = std::get<Request>(*decoded);
    EXPECT_EQ(got.digest, request.schema->digest);
    EXPECT_EQ(got.script.has_value(), with_script);
    EXPECT_EQ(got.script.value_or(request.schema->script), request.schema->script);
    EXPECT_EQ(got.query, request.query);
    ASSERT_EQ(got.checks.size(), 2U);
    EXPECT_EQ(got.checks[0], "SELECT 1");
    EXPECT_EQ(got.shims, 5);
    EXPECT_EQ(got.limits, request.limits);
  }
}

TEST(Messages, ARequestThatIsCutIsNone) {
  std::string frame;
  AppendRequest(frame, Whole(), true, 7);
  for (std::size_t size = 0; size + 1 < PayloadOf(frame).size(); ++size) {
    EXPECT_FALSE(DecodeRequest(PayloadOf(frame).substr(0, size)));
  }
}

TEST(Messages, ARequestBeyondItsLimitsIsRefused) {
  auto request = Whole();
  EXPECT_TRUE(CheckRequest(request));
  request.query.assign(kQueryBytesMax + 1, ' ');
  EXPECT_FALSE(CheckRequest(request));
  request = Whole();
  request.checks.assign(kChecksMax + 1, "SELECT 1");
  EXPECT_FALSE(CheckRequest(request));
  request = Whole();
  request.schema = nullptr;
  EXPECT_FALSE(CheckRequest(request));
  request = Whole();
  request.schema = MakeSchema(sql::Dialect::kSqlite, std::string(kScriptBytesMax + 1, ' '));
  EXPECT_FALSE(CheckRequest(request));
  request = Whole();
  request.limits.time = std::chrono::milliseconds(0);
  EXPECT_FALSE(CheckRequest(request));
}

std::string OutcomeFrame(const RunLimits& limits, const RunOutcome& summary) {
  std::string frame;
  OutcomeWriter writer(frame, limits);
  const std::array columns{sql::Column{.name = "n", .type = "INT"}, sql::Column{.name = "t"}};
  EXPECT_EQ(writer.BeginResult(columns), LimitHit::kNone);
  for (const std::string_view text : {"1", "22"}) {
    EXPECT_EQ(writer.BeginRow(), LimitHit::kNone);
    EXPECT_EQ(writer.AddCell(CellType::kInteger, text), LimitHit::kNone);
    EXPECT_EQ(writer.AddCell(CellType::kNull, {}), LimitHit::kNone);
  }
  writer.BeginChecks();
  EXPECT_EQ(writer.BeginResult(columns), LimitHit::kNone);
  writer.Finish(summary);
  return frame;
}

TEST(Messages, AnOutcomeArrivesAsItWas) {
  const RunOutcome summary{
      .deterministic = false, .changed_data = true, .time = std::chrono::microseconds(9)};
  const auto frame = OutcomeFrame({}, summary);
  const auto answer = DecodeAnswer(PayloadOf(frame), {});
  ASSERT_TRUE(answer);
  const auto& outcome = std::get<RunOutcome>(*answer);
  ASSERT_EQ(outcome.results.size(), 1U);
  EXPECT_EQ(outcome.results[0].columns[0].type, "INT");
  EXPECT_EQ(outcome.results[0].rows.row_count(), 2U);
  EXPECT_EQ(outcome.results[0].rows.At(1, 0).text, "22");
  EXPECT_TRUE(outcome.results[0].rows.At(1, 1).is_null());
  ASSERT_EQ(outcome.checks.size(), 1U);
  EXPECT_TRUE(outcome.checks[0].rows.empty());
  EXPECT_FALSE(outcome.deterministic);
  EXPECT_TRUE(outcome.changed_data);
  EXPECT_EQ(outcome.time.count(), 9);
}

TEST(Messages, AnErrorLeavesResultsAndNoChecks) {
  const RunOutcome summary{
      .error = sql::StatementError{
          .code = "c", .message = "m", .detail = "d", .hint = "h", .position = 12}};
  const auto frame = OutcomeFrame({}, summary);
  const auto answer = DecodeAnswer(PayloadOf(frame), {});
  ASSERT_TRUE(answer);
  const auto& outcome = std::get<RunOutcome>(*answer);
  EXPECT_EQ(outcome.results.size(), 1U);
  EXPECT_TRUE(outcome.checks.empty());
  EXPECT_EQ(outcome.error->hint, "h");
  EXPECT_EQ(outcome.error->position, 12U);
}

TEST(Messages, AnOutcomeBeyondTheLimitsIsNone) {
  const auto frame = OutcomeFrame({}, {});
  EXPECT_TRUE(DecodeAnswer(PayloadOf(frame), {.rows = 1}));  // twice: results and checks
  EXPECT_FALSE(DecodeAnswer(PayloadOf(frame), {.rows = 0}));
  EXPECT_FALSE(DecodeAnswer(PayloadOf(frame), {.bytes = 60}));
  EXPECT_FALSE(DecodeAnswer(PayloadOf(frame), {.cell_bytes = 1}));
}

TEST(Messages, AnAnswerThatIsCutIsNone) {
  const auto frame = OutcomeFrame({}, {});
  for (std::size_t size = 0; size < PayloadOf(frame).size(); ++size) {
    EXPECT_FALSE(DecodeAnswer(PayloadOf(frame).substr(0, size), {}));
  }
}

TEST(OutcomeWriterTest, ALimitTakesTheRowBackThatHitIt) {
  std::string frame;
  const RunLimits limits{.rows = 5, .bytes = 100, .cell_bytes = 50};
  OutcomeWriter writer(frame, limits);
  const std::array columns{sql::Column{.name = "t"}};
  ASSERT_EQ(writer.BeginResult(columns), LimitHit::kNone);
  ASSERT_EQ(writer.BeginRow(), LimitHit::kNone);
  ASSERT_EQ(writer.AddCell(CellType::kText, "short"), LimitHit::kNone);
  ASSERT_EQ(writer.BeginRow(), LimitHit::kNone);
  EXPECT_EQ(writer.AddCell(CellType::kText, std::string(51, 'x')), LimitHit::kCell);
  ASSERT_EQ(writer.BeginRow(), LimitHit::kNone);
  EXPECT_EQ(writer.AddCell(CellType::kText, std::string(50, 'x')), LimitHit::kBytes);
  writer.Finish({.limit = LimitHit::kBytes});
  const auto answer = DecodeAnswer(PayloadOf(frame), limits);
  ASSERT_TRUE(answer);
  EXPECT_EQ(std::get<RunOutcome>(*answer).results[0].rows.row_count(), 1U);
}

}  // namespace
}  // namespace paddock::runners::sqlite
