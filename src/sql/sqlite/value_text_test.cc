#include "sql/sqlite/value_text.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace paddock::sql {
namespace {

TEST(ValueText, ARealIsTheShortestTextThatReadsBack) {
  const std::vector<std::pair<double, std::string>> cases{
      {0, "0.0"},
      {-0.0, "0.0"},
      {1, "1.0"},
      {-2.5, "-2.5"},
      {0.1, "0.1"},
      {0.1 + 0.2, "0.30000000000000004"},
      {1145141919.81, "1145141919.81"},
      {0.0001, "0.0001"},
      {0.00001, "1.0e-05"},
      {123456789012345, "123456789012345.0"},
      {1e15, "1.0e+15"},
      {1.5e300, "1.5e+300"},
      {HUGE_VAL, "Inf"},
      {-HUGE_VAL, "-Inf"},
  };
  for (const auto& [number, text] : cases) {
    EXPECT_EQ(RealText(number), text);
  }
}

TEST(ValueText, TheExtremesReadBackAsThemselves) {
  using Limits = std::numeric_limits<double>;
  for (const double number : {Limits::max(), Limits::lowest(), Limits::min(), Limits::denorm_min(),
                              1.0 / 3, 9007199254740993.0, 1e15 - 0.125}) {
    EXPECT_EQ(std::strtod(RealText(number).c_str(), nullptr), number) << RealText(number);
  }
}

TEST(ValueText, BytesAreLowerCaseHexadecimal) {
  EXPECT_EQ(HexText(""), "");
  EXPECT_EQ(HexText(std::string_view("\0\xFF\x41", 3)), "00ff41");
}

}  // namespace
}  // namespace paddock::sql
