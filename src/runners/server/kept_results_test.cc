#include "runners/server/kept_results.h"

#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "aio/testing/run_on.h"

namespace paddock::runners::server {
namespace {

using aio::testing::RunUntilDone;
using challenges::LimitHit;
using challenges::RunLimits;

class KeptResultsTest : public ::testing::Test {
 protected:
  bool Begin(KeptResults& kept) {
    return RunUntilDone(loop_, kept.Columns({{.name = "a"}, {.name = "b"}})).has_value();
  }
  bool Append(KeptResults& kept, std::size_t rows, const std::string& text = "x") {
    sql::Rows batch(2);
    for (std::size_t row = 0; row < rows; ++row) {
      batch.AddNull();
      batch.Add(sql::CellType::kText, text);
    }
    return RunUntilDone(loop_, kept.Append(std::move(batch))).has_value();
  }

  boost::asio::io_context loop_;
};

TEST_F(KeptResultsTest, WhatIsWithinTheLimitsIsKept) {
  KeptResults kept(RunLimits{.rows = 3});
  ASSERT_TRUE(Begin(kept));
  EXPECT_TRUE(Append(kept, 2));
  EXPECT_TRUE(Append(kept, 1));
  EXPECT_EQ(kept.limit(), LimitHit::kNone);
  ASSERT_EQ(kept.results().size(), 1U);
  EXPECT_EQ(kept.results()[0].rows.row_count(), 3U);
  EXPECT_TRUE(kept.results()[0].rows.At(2, 0).is_null());
  EXPECT_EQ(kept.results()[0].rows.At(2, 1).text, "x");
}

TEST_F(KeptResultsTest, RowsAreCountedOverAllResults) {
  KeptResults kept(RunLimits{.rows = 3});
  ASSERT_TRUE(Begin(kept));
  EXPECT_TRUE(Append(kept, 2));
  ASSERT_TRUE(Begin(kept));
  EXPECT_FALSE(Append(kept, 2));
  EXPECT_EQ(kept.limit(), LimitHit::kRows);
  EXPECT_EQ(kept.results()[1].rows.row_count(), 1U);
}

TEST_F(KeptResultsTest, ACellAndAllCellsHaveTheirLimits) {
  KeptResults cell(RunLimits{.cell_bytes = 10});
  ASSERT_TRUE(Begin(cell));
  EXPECT_TRUE(Append(cell, 1, std::string(10, 'x')));
  EXPECT_FALSE(Append(cell, 1, std::string(11, 'x')));
  EXPECT_EQ(cell.limit(), LimitHit::kCell);
  EXPECT_EQ(cell.results()[0].rows.row_count(), 1U);

  KeptResults bytes(RunLimits{.bytes = 1'000});
  ASSERT_TRUE(Begin(bytes));
  EXPECT_FALSE(Append(bytes, 100, std::string(100, 'x')));
  EXPECT_EQ(bytes.limit(), LimitHit::kBytes);
}

TEST_F(KeptResultsTest, ResultsAreCountedToo) {
  KeptResults kept(RunLimits{.results = 1});
  EXPECT_TRUE(Begin(kept));
  EXPECT_FALSE(Begin(kept));
  EXPECT_EQ(kept.limit(), LimitHit::kResults);
}

}  // namespace
}  // namespace paddock::runners::server
