// OutcomeWriter: the frame of a run's outcome, written while the run goes on.
//
// Used by the worker: rows go from the database into the frame without a stop in between. It counts
// what it writes against the request's limits, and says which one was hit.
// Threading: one thread. Ownership: the text that it appends to outlives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "challenges/runner.h"

namespace paddock::runners::sqlite {

class OutcomeWriter {
 public:
  OutcomeWriter(std::string& out, const challenges::RunLimits& limits);

  /// Forgets all that was written: the run begins again.
  void Restart();

  /// The results that follow are those of checks, with limits of their own.
  void BeginChecks();

  /// A result begins. Names count as bytes. On a limit nothing was begun.
  [[nodiscard]] challenges::LimitHit BeginResult(std::span<const sql::Column> columns);

  [[nodiscard]] challenges::LimitHit BeginRow();
  /// On a limit the row is taken back.
  [[nodiscard]] challenges::LimitHit AddCell(sql::CellType type, std::string_view text);

  /// Writes the frame's end. Of `summary`, results and checks are those that were begun here; of
  /// a run that is not whole there are no checks.
  void Finish(const challenges::RunOutcome& summary);

 private:
  void Patch(std::size_t at, std::uint32_t value);
  void TakeRowBack();

  std::string& out_;
  const challenges::RunLimits limits_;
  std::size_t frame_at_;
  std::size_t checks_at_ = 0;  // where the first check begins; 0 before
  std::size_t rows_at_ = 0;    // of the current result: where its count of rows stands
  std::size_t row_at_ = 0;
  std::uint32_t result_count_ = 0;
  std::uint32_t check_count_ = 0;
  std::uint32_t row_count_ = 0;  // of the current result
  std::size_t rows_left_;
  std::size_t bytes_left_;
};

}  // namespace paddock::runners::sqlite
