#include "agent/files/tar_format.h"

#include <gtest/gtest.h>

namespace paddock::agent::files {
namespace {

TarHeader Example() {
  TarHeader header;
  header.name = "a/b";
  header.kind = TarKind::kSymlink;
  header.mode = 0644;
  header.uid = 1000;
  header.gid = 1001;
  header.modified_at = 1'700'000'000;
  header.link_target = "../c";
  return header;
}

TEST(TarFormatTest, AHeaderReadsBackAsWritten) {
  std::string bytes;
  AppendTarHeader(bytes, Example());
  ASSERT_EQ(bytes.size(), kTarBlockBytes);
  const auto header = ParseTarHeader(bytes);
  ASSERT_TRUE(header && *header);
  EXPECT_EQ((**header).name, "a/b");
  EXPECT_EQ((**header).kind, TarKind::kSymlink);
  EXPECT_EQ((**header).mode, 0644U);
  EXPECT_EQ((**header).uid, 1000U);
  EXPECT_EQ((**header).modified_at, 1'700'000'000);
  EXPECT_EQ((**header).link_target, "../c");
}

TEST(TarFormatTest, WhatDoesNotFitIsInAPaxHeaderBefore) {
  auto big = Example();
  big.kind = TarKind::kFile;
  big.name = std::string(150, 'n');
  big.size = 1ULL << 40U;
  std::string bytes;
  AppendTarHeader(bytes, big);
  ASSERT_EQ(bytes.size(), 3 * kTarBlockBytes);
  const auto pax = ParseTarHeader(std::string_view(bytes).substr(0, kTarBlockBytes));
  ASSERT_TRUE(pax && *pax);
  EXPECT_EQ((**pax).kind, TarKind::kPax);
  const auto records = ParsePaxRecords(
      std::string_view(bytes).substr(kTarBlockBytes, static_cast<std::size_t>((**pax).size)));
  ASSERT_TRUE(records);
  EXPECT_EQ(records->name, std::string(150, 'n'));
  EXPECT_EQ(records->size, 1ULL << 40U);
}

TEST(TarFormatTest, AOneBitErrorIsFound) {
  std::string bytes;
  AppendTarHeader(bytes, Example());
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{101}, std::size_t{130}, std::size_t{156}}) {
    auto damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_FALSE(ParseTarHeader(damaged)) << at;
  }
}

TEST(TarFormatTest, ABlockOfZerosIsTheEnd) {
  const auto header = ParseTarHeader(std::string(kTarBlockBytes, '\0'));
  ASSERT_TRUE(header);
  EXPECT_FALSE(header->has_value());
}

TEST(TarFormatTest, DamagedPaxRecordsAreInvalid) {
  for (const auto* text : {"99 path=x\n", "x path=y\n", "9 path=x", "0 =\n", "11 path=ab"}) {
    EXPECT_FALSE(ParsePaxRecords(text)) << text;
  }
  EXPECT_EQ(ParsePaxRecords("10 path=x\n")->name, "x");
}

}  // namespace
}  // namespace paddock::agent::files
