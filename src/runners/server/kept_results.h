// KeptResults: takes what a run gives, within the run's limits, and says which one stopped it.
//
// Used by TextRun. Threading and ownership: as sql::ResultSink.
#pragma once

#include <cstddef>
#include <vector>

#include "challenges/runner.h"
#include "sql/engine.h"

namespace paddock::runners::server {

class KeptResults final : public sql::ResultSink {
 public:
  explicit KeptResults(const challenges::RunLimits& limits)
      : limits_(limits), rows_left_(limits.rows), bytes_left_(limits.bytes) {}

  /// Each fails with kExhausted once a limit is hit.
  [[nodiscard]] aio::Task<Result<void>> Columns(std::vector<sql::Column> columns) override;
  [[nodiscard]] aio::Task<Result<void>> Append(sql::Rows rows) override;
  [[nodiscard]] aio::Task<Result<void>> Complete(sql::CommandResult result) override;
  void Note(sql::Notice /*notice*/) override {}

  [[nodiscard]] challenges::LimitHit limit() const noexcept { return limit_; }
  [[nodiscard]] std::vector<challenges::ResultSet>& results() noexcept { return results_; }

 private:
  [[nodiscard]] Result<void> Hit(challenges::LimitHit limit);
  /// Bytes of a row, or which limit it hits.
  [[nodiscard]] challenges::LimitHit Check(const sql::Rows& rows, std::size_t row);

  challenges::RunLimits limits_;
  std::size_t rows_left_;
  std::size_t bytes_left_;
  challenges::LimitHit limit_ = challenges::LimitHit::kNone;
  std::vector<challenges::ResultSet> results_;
};

}  // namespace paddock::runners::server
