// RecordingSink: keeps what a statement gave, and can refuse to take more.
//
// Public fields to set before and to read after. It fails the test when batches are too large, come
// for no result, or come while the one before is still being taken.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "sql/engine.h"

namespace paddock::sql::testing {

class RecordingSink final : public ResultSink {
 public:
  using Row = std::vector<std::optional<std::string>>;
  struct Recorded {
    std::vector<Column> columns;
    std::vector<Row> rows = {};        // NOLINT: may be left out
    std::vector<CellType> types = {};  // NOLINT: as rows. Of the cells of the first row
    std::size_t row_count = 0;
    bool is_complete = false;
    CommandResult command = {};
  };

  std::vector<Recorded> results;
  std::vector<Notice> notices;
  std::size_t batch_count = 0;
  std::size_t kept_rows_max = 10'000;                      // of each result; the rest is counted
  std::size_t batches_max = static_cast<std::size_t>(-1);  // then it fails with kExhausted
  std::function<void()> on_batch = [] {};

  aio::Task<Result<void>> Columns(std::vector<Column> columns) override {
    EXPECT_TRUE(results.empty() || results.back().is_complete);
    EXPECT_FALSE(columns.empty());
    results.push_back({.columns = std::move(columns)});
    co_return Result<void>();
  }

  aio::Task<Result<void>> Append(Rows rows) override {
    EXPECT_FALSE(is_taking_) << "a batch came while the one before was being taken";
    is_taking_ = true;
    // Some turns of the loop, in which an engine without back-pressure would go on.
    const auto executor = co_await boost::asio::this_coro::executor;
    for (int turn = 0; turn < 3; ++turn) {
      co_await boost::asio::post(executor, boost::asio::use_awaitable);
    }
    is_taking_ = false;
    Keep(rows);
    on_batch();
    if (++batch_count >= batches_max) {
      co_return Fail(Code::kExhausted, "the sink takes no more");
    }
    co_return Result<void>();
  }

  aio::Task<Result<void>> Complete(CommandResult result) override {
    if (results.empty() || results.back().is_complete) {
      results.emplace_back();  // a command without columns
    }
    results.back().is_complete = true;
    results.back().command = std::move(result);
    co_return Result<void>();
  }

  void Note(Notice notice) override { notices.push_back(std::move(notice)); }

 private:
  void Keep(const Rows& rows) {
    ASSERT_FALSE(results.empty() || results.back().is_complete) << "rows of no result";
    Recorded& result = results.back();
    ASSERT_EQ(rows.column_count(), result.columns.size());
    EXPECT_LE(rows.row_count(), kBatchRowsMax);
    for (std::size_t row = 0; row < rows.row_count(); ++row, ++result.row_count) {
      if (result.rows.size() == kept_rows_max) {
        continue;
      }
      Row kept;
      for (std::size_t column = 0; column < rows.column_count(); ++column) {
        const Cell cell = rows.At(row, column);
        kept.push_back(cell.is_null() ? std::nullopt : std::optional(std::string(cell.text)));
        if (result.rows.empty()) {
          result.types.push_back(cell.type);
        }
      }
      result.rows.push_back(std::move(kept));
    }
  }

  bool is_taking_ = false;
};

}  // namespace paddock::sql::testing
