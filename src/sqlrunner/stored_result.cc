#include "sqlrunner/stored_result.h"

#include <utility>

#include "aio/offload.h"
#include "base/deadline.h"
#include "sqlrunner/row_order.h"

namespace paddock::sqlrunner {
namespace {

constexpr std::size_t kPendingMax = std::size_t{256} * 1024;

}  // namespace

Result<std::shared_ptr<StoredResult>> StoredResult::Make(const std::string& directory,
                                                         std::vector<sql::Column> columns,
                                                         boost::asio::thread_pool& pool,
                                                         SpillBudget& budget) {
  auto file = SpillFile::Make(directory);
  if (!file) {
    return Fail(std::move(file).error());
  }
  return std::shared_ptr<StoredResult>(  // NOLINT: private constructor
      new StoredResult(*std::move(file), std::move(columns), pool, budget));
}

StoredResult::StoredResult(std::shared_ptr<SpillFile> file,
                           std::vector<sql::Column> columns,
                           boost::asio::thread_pool& pool,
                           SpillBudget& budget)
    : file_(std::move(file)), columns_(std::move(columns)), pool_(pool), budget_(budget) {}

StoredResult::~StoredResult() { budget_.GiveBack(taken_); }

void StoredResult::Take(const sql::Rows& rows, std::uint64_t rows_max) {
  for (std::size_t row = 0; row < rows.row_count() && truncation_ == Truncation::kNone; ++row) {
    if (row_count_ == rows_max) {
      truncation_ = Truncation::kRows;
      return;
    }
    const std::size_t before = pending_.size();
    AppendSpillRow(pending_, rows, row);
    const std::size_t size = pending_.size() - before;
    if (byte_count_ + size > kStoredBytesMax) {
      pending_.resize(before);
      truncation_ = Truncation::kBytes;
      return;
    }
    if (row_count_ % kIndexInterval == 0) {
      index_.push_back(byte_count_);
    }
    byte_count_ += size;
    ++row_count_;
  }
}

aio::Task<Result<void>> StoredResult::Append(sql::Rows rows, std::uint64_t rows_max) {
  auto turn = co_await writing_.Enter(Deadline::Never());
  if (!turn) {
    co_return Fail(std::move(turn).error());
  }
  Take(rows, rows_max);
  if (pending_.size() < kPendingMax) {
    co_return Result<void>();
  }
  auto flushed = co_await Flush();
  co_return flushed;
}

aio::Task<Result<void>> StoredResult::Flush() {
  if (pending_.empty()) {
    co_return Result<void>();
  }
  if (!budget_.TryTake(pending_.size())) {
    co_return Fail(Code::kExhausted,
                   "the room for stored results is used up by all who are connected: close "
                   "results that are no longer needed, or try again later");
  }
  taken_ += pending_.size();
  const std::uint64_t rows = row_count_;
  auto write = [file = file_, offset = written_bytes_, bytes = std::exchange(pending_, {})] {
    auto written = file->Write(offset, bytes);
    return std::pair(std::move(written), bytes.size());
  };
  auto outcome = co_await aio::Offload(pool_, std::move(write));
  if (!outcome.first) {
    co_return Fail(std::move(outcome.first).error());
  }
  written_bytes_ += outcome.second;
  written_rows_ = rows;
  co_return Result<void>();
}

aio::Task<Result<SpillSnapshot>> StoredResult::Snapshot() {
  auto turn = co_await writing_.Enter(Deadline::Never());
  if (!turn) {
    co_return Fail(std::move(turn).error());
  }
  auto flushed = co_await Flush();
  if (!flushed) {
    co_return Fail(std::move(flushed).error());
  }
  SpillSnapshot snapshot{.file = file_,
                         .columns = columns_,
                         .index = index_,
                         .row_count = written_rows_,
                         .byte_count = written_bytes_,
                         .is_complete = is_complete_};
  co_return snapshot;
}

aio::Task<Result<RowOrder>> StoredResult::Arrange(SpillSnapshot snapshot, Arrangement arrangement) {
  if (arrangement.is_plain()) {
    co_return RowOrder();
  }
  if (arranged_ && arranged_->arrangement == arrangement &&
      arranged_->row_count == snapshot.row_count) {
    co_return arranged_->order;
  }
  const std::uint64_t row_count = snapshot.row_count;
  auto sort = [from = std::move(snapshot), arrangement] { return OrderRows(from, arrangement); };
  auto order = co_await aio::Offload(pool_, std::move(sort));
  if (!order) {
    co_return Fail(std::move(order).error());
  }
  auto shared = std::make_shared<const std::vector<std::uint32_t>>(*std::move(order));
  arranged_ =
      Arranged{.arrangement = std::move(arrangement), .row_count = row_count, .order = shared};
  co_return shared;
}

}  // namespace paddock::sqlrunner
