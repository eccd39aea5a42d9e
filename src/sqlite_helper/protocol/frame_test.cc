#include "sqlite_helper/protocol/frame.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "sqlite_helper/protocol/messages.h"

namespace paddock::sqlite_helper {
namespace {

std::string RowOf(std::size_t bytes) {
  sql::Rows rows(1);
  rows.Add(sql::CellType::kText, std::string(bytes, 'x'));
  std::string out;
  AppendRows(out, rows);
  return out;
}

void Feed(FrameReader& reader, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto space = reader.Space();
    const auto count = std::min(space.size(), bytes.size());
    std::ranges::copy(bytes.substr(0, count), space.begin());
    reader.Commit(count);
    bytes.remove_prefix(count);
  }
}

TEST(HelperFrames, AreCutFromAStreamThatComesInAnyPieces) {
  std::string stream;
  AppendCancel(stream, 1);
  AppendExecute(stream, {.number = 2, .text = "SELECT 1"});
  AppendCancel(stream, 2);
  FrameReader reader(Sender::kEngine);
  std::string types;
  for (const char byte : stream) {
    Feed(reader, std::string_view(&byte, 1));
    for (auto frame = reader.Next(); *frame; frame = reader.Next()) {
      types.push_back(static_cast<char>('0' + static_cast<int>((*frame)->type)));
    }
  }
  EXPECT_EQ(types, "323");
}

TEST(HelperFrames, TheLargestRowArrivesWhole) {
  const auto stream = RowOf(kRowBytesMax);
  FrameReader reader(Sender::kHelper);
  Feed(reader, stream);
  const auto frame = reader.Next();
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ(DecodeRows((*frame)->payload, 1)->At(0, 0).text.size(), kRowBytesMax);
}

TEST(HelperFrames, AWrongHeaderIsRefusedBeforeItsPayloadComes) {
  for (const std::string_view header :
       {std::string_view("\xff\xff\xff\xff\x84", 5), std::string_view("\0\0\0\0\x84", 5),
        std::string_view("\0\0\0\4\x03", 5), std::string_view("\0\0\0\4\x7f", 5),
        std::string_view("\0\0\0\10\x85", 5)}) {
    FrameReader reader(Sender::kHelper);
    Feed(reader, header);
    EXPECT_FALSE(reader.Next());
  }
}

TEST(HelperFrames, ALengthThatIsOnlySaidCostsNothing) {
  FrameReader reader(Sender::kHelper);
  Feed(reader, std::string_view("\1\0\0\0\x84", 5));
  const auto frame = reader.Next();
  ASSERT_TRUE(frame);
  EXPECT_FALSE(*frame);
  EXPECT_LE(reader.Space().size(), 2 * FrameReader::kSpaceBytesMin);
}

}  // namespace
}  // namespace paddock::sqlite_helper
