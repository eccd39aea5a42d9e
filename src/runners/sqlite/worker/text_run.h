// TextRun: runs the statements of a text one after the other, exactly as they were written.
//
// Used by PreparedSchema (scripts) and SchemaRun (queries and checks). It stops at the first error
// or limit. Threading: one thread. Ownership: all that it is given outlives it.
#pragma once

#include <optional>
#include <string_view>

#include "challenges/runner.h"
#include "runners/sqlite/protocol/outcome_writer.h"
#include "runners/sqlite/worker/connection.h"

namespace paddock::runners::sqlite {

struct TextEnd {
  std::optional<sql::StatementError> error = std::nullopt;
  challenges::LimitHit limit = challenges::LimitHit::kNone;
  bool copy_wanted = false;   // Ground::kShared is not enough; nothing of it may count
  bool is_tainted = false;    // the connection may be left in a state that we do not know
  bool changed_data = false;  // a statement that writes has run
  std::size_t result_count = 0;

  [[nodiscard]] bool is_whole() const noexcept {
    return !error && limit == challenges::LimitHit::kNone && !copy_wanted;
  }
};

class TextRun {
 public:
  /// Rows go to `writer`; nullptr: nowhere.
  TextRun(Connection& connection, Ground ground, OutcomeWriter* writer)
      : connection_(connection), ground_(ground), writer_(writer) {}

  /// `results_max`: after so many results the rest of the text does not matter.
  [[nodiscard]] TextEnd Run(std::string_view text, std::size_t results_max);

 private:
  void RunStatement(sqlite3_stmt* statement, std::size_t offset);
  void FailWithStatus(int status, std::size_t offset);
  void HintAtMissingFunctions(std::string_view text);
  [[nodiscard]] bool RefuseParameters(sqlite3_stmt* statement);
  [[nodiscard]] bool PrepareGround(sqlite3_stmt* statement);
  [[nodiscard]] challenges::LimitHit BeginResult(sqlite3_stmt* statement);
  [[nodiscard]] challenges::LimitHit WriteRow(sqlite3_stmt* statement);
  [[nodiscard]] challenges::LimitHit WriteCell(sqlite3_stmt* statement, int column);
  void Limit(challenges::LimitHit limit) { end_.limit = limit; }

  Connection& connection_;
  Ground ground_;
  OutcomeWriter* writer_;
  TextEnd end_;
};

}  // namespace paddock::runners::sqlite
