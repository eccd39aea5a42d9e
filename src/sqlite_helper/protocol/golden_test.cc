// The bytes of docs/protocol/sql-helper.md: what is written is what the file says, and is read as
// what was meant; what the file refuses is refused.

#include "protocol/testing/golden.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "sqlite_helper/protocol/messages.h"

namespace paddock::sqlite_helper {
namespace {

using protocol::testing::Golden;
using protocol::testing::ReadGolden;
using protocol::testing::ToHex;

std::vector<Golden> Blocks() { return ReadGolden(PADDOCK_GOLDEN_DIR "/sql_helper.txt", "frame"); }

sql::Rows SomeRows() {
  sql::Rows rows(2);
  rows.Add(sql::CellType::kInteger, "-7");
  rows.Add(sql::CellType::kText, "ü");
  rows.Add(sql::CellType::kReal, "0.1");
  rows.AddNull();
  rows.Add(sql::CellType::kBytes, "00ff");
  rows.Add(sql::CellType::kText, "");
  return rows;
}

std::map<std::string, std::string> Written() {
  std::map<std::string, std::string> frames;
  AppendOpen(frames["open"], {.read_only = true, .path = "/root/playground.db"});
  AppendExecute(frames["execute"], {.number = 5, .only_reads = true, .text = "SELECT 1"});
  AppendCancel(frames["cancel"], 5);
  AppendOpened(frames["opened"], "3.40.1");
  AppendRefused(frames["refused"], {.code = "SQLITE_CANTOPEN", .message = "no"});
  AppendColumns(frames["columns"], {{.name = "n", .type = "INTEGER"}, {.name = "größe"}});
  AppendRows(frames["rows"], SomeRows());
  AppendComplete(frames["complete"],
                 {.in_transaction = true, .could_change = true, .changed_rows = 3});
  AppendError(frames["error"],
              {.error = {.code = "SQLITE_ERROR", .message = "no such table: a", .position = 14}});
  AppendError(frames["error-nowhere"],
              {.in_transaction = true, .error = {.code = "57014", .message = "cancelled"}});
  return frames;
}

bool IsRead(const Frame& frame) {
  const std::map<FrameType, std::function<bool(std::string_view)>> decoders{
      {FrameType::kOpen, [](auto payload) { return DecodeOpen(payload).has_value(); }},
      {FrameType::kExecute, [](auto payload) { return DecodeExecute(payload).has_value(); }},
      {FrameType::kCancel, [](auto payload) { return DecodeCancel(payload).has_value(); }},
      {FrameType::kOpened, [](auto payload) { return DecodeOpened(payload).has_value(); }},
      {FrameType::kRefused, [](auto payload) { return DecodeRefused(payload).has_value(); }},
      {FrameType::kColumns, [](auto payload) { return DecodeColumns(payload).has_value(); }},
      {FrameType::kRows, [](auto payload) { return DecodeRows(payload, 2).has_value(); }},
      {FrameType::kComplete, [](auto payload) { return DecodeComplete(payload).has_value(); }},
      {FrameType::kError, [](auto payload) { return DecodeError(payload).has_value(); }}};
  return decoders.at(frame.type)(frame.payload);
}

// Whether the bytes of a block are one frame that is understood.
bool IsTaken(const Golden& block) {
  FrameReader reader(block.from == "engine" ? Sender::kEngine : Sender::kHelper);
  const auto space = reader.Space();
  std::ranges::copy(block.bytes, space.begin());
  reader.Commit(block.bytes.size());
  const auto frame = reader.Next();
  return frame && *frame && IsRead(**frame);
}

TEST(HelperGolden, EveryFrameIsWrittenAsTheFileSays) {
  const auto written = Written();
  std::size_t count = 0;
  for (const Golden& block : Blocks()) {
    if (!block.refused) {
      ++count;
      ASSERT_TRUE(written.contains(block.name)) << block.name;
      EXPECT_EQ(ToHex(block.bytes), ToHex(written.at(block.name))) << block.name;
    }
  }
  EXPECT_EQ(count, written.size());
}

TEST(HelperGolden, WhatTheFileAllowsIsReadAndTheRestIsRefused) {
  const auto blocks = Blocks();
  ASSERT_FALSE(blocks.empty());
  for (const Golden& block : blocks) {
    EXPECT_EQ(IsTaken(block), !block.refused) << block.name;
  }
}

TEST(HelperGolden, RowsAndErrorsAreReadAsTheyWereMeant) {
  const auto written = Written();
  const auto payload = [&written](const std::string& name) {
    return std::string_view(written.at(name)).substr(kHeaderBytes);
  };
  const auto rows = DecodeRows(payload("rows"), 2);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->row_count(), 3U);
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 2; ++column) {
      EXPECT_EQ(rows->At(row, column), SomeRows().At(row, column));
    }
  }
  EXPECT_EQ(DecodeError(payload("error"))->error.position, 14U);
  EXPECT_EQ(DecodeError(payload("error-nowhere"))->error.position, std::nullopt);
  EXPECT_TRUE(DecodeError(payload("error-nowhere"))->in_transaction);
}

}  // namespace
}  // namespace paddock::sqlite_helper
