// StoredResult: one result whose rows lie in a spill file, while they arrive and afterwards.
//
// Used by Conversation: one task appends, others read windows and export. Reads work on a snapshot,
// on the pool, so that a sort of a million rows holds nobody up.
//
// Threading: loop thread. Ownership: shared, because reads outlive a result that was dropped.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/thread_pool.hpp>

#include "aio/gate.h"
#include "aio/task.h"
#include "base/result.h"
#include "sql/rows.h"
#include "sqlrunner/client_message.h"
#include "sqlrunner/spill_file.h"

namespace paddock::sqlrunner {

/// Rows in the order in which they are to be shown; which, if all as they came.
using RowOrder = std::shared_ptr<const std::vector<std::uint32_t>>;

class StoredResult {
 public:
  /// `pool` and `budget` outlive it. Fails with kDiskFull or kUnavailable.
  [[nodiscard]] static Result<std::shared_ptr<StoredResult>> Make(const std::string& directory,
                                                                  std::vector<sql::Column> columns,
                                                                  boost::asio::thread_pool& pool,
                                                                  SpillBudget& budget);
  StoredResult(const StoredResult&) = delete;
  StoredResult& operator=(const StoredResult&) = delete;
  StoredResult(StoredResult&&) = delete;
  StoredResult& operator=(StoredResult&&) = delete;
  ~StoredResult();

  /// Takes as many of `rows` as the limits allow; truncated() then says which one it was. Fails
  /// with kDiskFull, kExhausted (all spill together) or kUnavailable.
  [[nodiscard]] aio::Task<Result<void>> Append(sql::Rows rows, std::uint64_t rows_max);

  /// All that has arrived. Fails as Append.
  [[nodiscard]] aio::Task<Result<SpillSnapshot>> Snapshot();

  /// The order of `arrangement` over `snapshot`: null for the plain one. Fails with kInvalid (no
  /// such column), kCancelled or kUnavailable.
  [[nodiscard]] aio::Task<Result<RowOrder>> Arrange(SpillSnapshot snapshot,
                                                    Arrangement arrangement);

  void SetComplete() noexcept { is_complete_ = true; }

  enum class Truncation : std::uint8_t { kNone, kRows, kBytes };
  [[nodiscard]] Truncation truncation() const noexcept { return truncation_; }
  [[nodiscard]] std::uint64_t row_count() const noexcept { return row_count_; }
  [[nodiscard]] boost::asio::thread_pool& pool() const noexcept { return pool_; }

 private:
  StoredResult(std::shared_ptr<SpillFile> file,
               std::vector<sql::Column> columns,
               boost::asio::thread_pool& pool,
               SpillBudget& budget);
  void Take(const sql::Rows& rows, std::uint64_t rows_max);
  [[nodiscard]] aio::Task<Result<void>> Flush();

  struct Arranged {
    Arrangement arrangement;
    std::uint64_t row_count = 0;
    RowOrder order;
  };

  std::shared_ptr<SpillFile> file_;
  std::vector<sql::Column> columns_;
  boost::asio::thread_pool& pool_;
  SpillBudget& budget_;
  aio::Gate writing_;
  std::string pending_;  // rows that are not in the file yet
  std::vector<std::uint64_t> index_;
  std::uint64_t row_count_ = 0;
  std::uint64_t byte_count_ = 0;    // with those pending
  std::uint64_t written_rows_ = 0;  // in the file
  std::uint64_t written_bytes_ = 0;
  std::uint64_t taken_ = 0;  // of the budget
  Truncation truncation_ = Truncation::kNone;
  bool is_complete_ = false;
  std::optional<Arranged> arranged_;  // the last one, because windows of one come in a row
};

}  // namespace paddock::sqlrunner
