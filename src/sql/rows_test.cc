#include "sql/rows.h"

#include <string>

#include <gtest/gtest.h>

namespace paddock::sql {
namespace {

TEST(Rows, CellsComeBackAsTheyWereAdded) {
  Rows rows(3);
  rows.Add(CellType::kInteger, "9223372036854775807");
  rows.AddNull();
  rows.Add(CellType::kText, "NULL");
  rows.Add(CellType::kBytes, "00ff");
  rows.Add(CellType::kText, "");
  rows.Add(CellType::kText, std::string_view("a\0b", 3));
  ASSERT_EQ(rows.row_count(), 2U);
  EXPECT_EQ(rows.At(0, 0), (Cell{CellType::kInteger, "9223372036854775807"}));
  EXPECT_TRUE(rows.At(0, 1).is_null());
  EXPECT_EQ(rows.At(0, 1).text, "");
  EXPECT_FALSE(rows.At(0, 2).is_null());
  EXPECT_EQ(rows.At(0, 2).text, "NULL");
  EXPECT_EQ(rows.At(1, 0), (Cell{CellType::kBytes, "00ff"}));
  EXPECT_EQ(rows.At(1, 1), (Cell{CellType::kText, ""}));
  EXPECT_EQ(rows.At(1, 2).text, std::string_view("a\0b", 3));
}

TEST(Rows, EveryTypeIsKept) {
  for (int i = 0; i <= static_cast<int>(kLastCellType); ++i) {
    Rows rows(1);
    rows.Add(static_cast<CellType>(i), "");
    EXPECT_EQ(rows.At(0, 0).type, static_cast<CellType>(i));
  }
}

TEST(Rows, ARowThatIsNotCompleteIsNotCounted) {
  Rows rows(2);
  EXPECT_TRUE(rows.empty());
  rows.AddNull();
  EXPECT_FALSE(rows.empty());
  EXPECT_EQ(rows.row_count(), 0U);
  rows.AddNull();
  EXPECT_EQ(rows.row_count(), 1U);
}

TEST(Rows, NoColumnsMeansNoRows) {
  const Rows rows;
  EXPECT_EQ(rows.row_count(), 0U);
  EXPECT_EQ(rows.column_count(), 0U);
}

TEST(Rows, WhatTheyHoldIsCountedAndClearedTogether) {
  Rows rows(1);
  EXPECT_EQ(rows.byte_count(), 0U);
  rows.Add(CellType::kText, std::string(1'000, 'x'));
  EXPECT_GT(rows.byte_count(), 1'000U);
  const auto after_one = rows.byte_count();
  rows.AddNull();
  EXPECT_GT(rows.byte_count(), after_one);  // a NULL needs its place
  rows.Clear();
  EXPECT_TRUE(rows.empty());
  EXPECT_EQ(rows.byte_count(), 0U);
  rows.Add(CellType::kText, "y");
  EXPECT_EQ(rows.At(0, 0).text, "y");
}

}  // namespace
}  // namespace paddock::sql
