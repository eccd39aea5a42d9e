// WorkerTest: the fixture of tests of what a worker answers, in this process and unconfined.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "runners/sqlite/worker/connection.h"
#include "runners/sqlite/worker/serve.h"

namespace paddock::runners::sqlite::testing {

inline constexpr std::string_view kPeople =
    "CREATE TABLE test (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE);"
    "INSERT INTO test (name) VALUES ('Alice'), ('Bob');";
inline constexpr std::string_view kEndless =
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c) SELECT ";

/// A cell as SQL writes it: 1, 1.5, 'text', x'00', NULL.
inline std::string Literal(const sql::Cell& cell) {
  switch (cell.type) {
    case sql::CellType::kNull: return "NULL";
    case sql::CellType::kText: return fmt::format("'{}'", cell.text);
    case sql::CellType::kBytes: return fmt::format("x'{}'", cell.text);
    default: return std::string(cell.text);
  }
}

inline std::string Shown(const challenges::ResultSet& set) {
  std::string text;
  for (std::size_t row = 0; row < set.rows.row_count(); ++row) {
    text += row == 0 ? "" : ";";
    for (std::size_t column = 0; column < set.rows.column_count(); ++column) {
      text += fmt::format("{}{}", column == 0 ? "" : " ", Literal(set.rows.At(row, column)));
    }
  }
  return text;
}

/// A worker without its process: what it says to requests. The engine is set up once in a process.
class WorkerTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    [[maybe_unused]] static const bool is_up = [] {
      SetUpEngine();
      return true;
    }();
  }

  Answer Ask(const challenges::RunRequest& request, bool with_script = true) {
    std::string frame;
    AppendRequest(frame, request, with_script, 7);
    const auto decoded = DecodeRequest(std::string_view(frame).substr(kFrameHeaderBytes));
    std::string answer;
    worker_.Answer(std::get<Request>(*decoded), answer);
    auto got = DecodeAnswer(std::string_view(answer).substr(kFrameHeaderBytes), request.limits);
    EXPECT_TRUE(got.has_value());
    return got ? *std::move(got) : Answer(SchemaWanted());
  }

  challenges::RunOutcome Run(const challenges::RunRequest& request) {
    auto answer = Ask(request);
    auto* const outcome = std::get_if<challenges::RunOutcome>(&answer);
    EXPECT_NE(outcome, nullptr);
    return outcome == nullptr ? challenges::RunOutcome() : std::move(*outcome);
  }

  challenges::RunOutcome Run(std::string query, std::string_view script = kPeople) {
    challenges::RunRequest request{
        .schema = challenges::MakeSchema(sql::Dialect::kSqlite, std::string(script)),
        .query = std::move(query)};
    return Run(request);
  }

  /// The only result, or what went wrong.
  std::string Says(std::string query, std::string_view script = kPeople) {
    const auto outcome = Run(std::move(query), script);
    if (outcome.error) {
      return "error: " + outcome.error->message;
    }
    if (outcome.limit != challenges::LimitHit::kNone) {
      return "limit";
    }
    return outcome.results.empty() ? "nothing" : Shown(outcome.results.back());
  }

  Worker worker_;
};

}  // namespace paddock::runners::sqlite::testing
