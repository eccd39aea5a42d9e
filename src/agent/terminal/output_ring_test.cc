#include "agent/terminal/output_ring.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "agent/terminal/utf8.h"

namespace paddock::agent::terminal {
namespace {

std::string Joined(const OutputRing::Views& views) {
  return std::string(views[0]) + std::string(views[1]);
}

TEST(OutputRingTest, HoldsTheLastBytesAtTheirOffsets) {
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    OutputRing ring(16'384);
    std::string all;
    std::string pushed_out;
    while (all.size() < 100'000) {
      std::string piece(random() % 9'000, '\0');
      for (char& byte : piece) {
        byte = static_cast<char>(random());
      }
      pushed_out += Joined(ring.PushedOutBy(piece.size()));
      ring.Append(piece);
      all += piece;
      ASSERT_EQ(ring.end(), all.size());
      ASSERT_EQ(ring.begin(), all.size() < 16'384 ? 0 : all.size() - 16'384);
      ASSERT_EQ(pushed_out, all.substr(0, ring.begin()));
      ASSERT_EQ(Joined(ring.View(ring.begin(), all.size())), all.substr(ring.begin()));
      const std::uint64_t offset = ring.begin() + random() % (ring.end() - ring.begin() + 1);
      const std::size_t count = random() % 5'000;
      ASSERT_EQ(Joined(ring.View(offset, count)), all.substr(offset, count));
    }
  }
}

TEST(OutputRingTest, CostsLittleWhileLittleWasPrinted) {
  OutputRing ring(1U << 20U);
  EXPECT_EQ(ring.memory_size(), 0U);
  ring.Append("$ ");
  EXPECT_EQ(ring.memory_size(), 4096U);
  ring.Append(std::string(1U << 20U, 'x'));
  ring.Append(std::string(1U << 20U, 'y'));
  EXPECT_EQ(ring.memory_size(), 1U << 20U);
}

TEST(Utf8Test, APartialCharacterIsSeenOnlyAtTheEnd) {
  EXPECT_EQ(PartialCharacterSize("abc"), 0U);
  EXPECT_EQ(PartialCharacterSize(""), 0U);
  EXPECT_EQ(PartialCharacterSize("a\xc3"), 1U);
  EXPECT_EQ(PartialCharacterSize("a\xc3\xa9"), 0U);
  EXPECT_EQ(PartialCharacterSize("\xf0\x9f\x98"), 3U);
  EXPECT_EQ(PartialCharacterSize("\xf0\x9f\x98\x80"), 0U);
  EXPECT_EQ(PartialCharacterSize("\xff"), 0U);
  EXPECT_EQ(PartialCharacterSize("\x80\x80\x80"), 0U);
}

}  // namespace
}  // namespace paddock::agent::terminal
