#include "playground/rendering.h"

#include <array>
#include <string_view>

#include <gtest/gtest.h>

namespace paddock::playground {
namespace {

using sql::Cell;
using sql::CellType;
using sql::Column;

const Column kPlain{.name = "a"};

TEST(Rendering, NullIsNullForTheGatewayAndAWordForTheRunner) {
  EXPECT_EQ(GatewayCell(kPlain, {}), std::nullopt);
  EXPECT_EQ(RunnerCell(kPlain, {}), "NULL");
  const Cell text{.type = CellType::kText, .text = "NULL"};
  EXPECT_EQ(GatewayCell(kPlain, text), "NULL") << "which is not null";
}

struct RealCase {
  std::string_view text;
  std::string_view gateway;
  std::string_view runner;
};
constexpr std::array kReals{
    RealCase{.text = "1.0", .gateway = "1", .runner = "1"},
    RealCase{.text = "42.42", .gateway = "42.42", .runner = "42.42"},
    RealCase{.text = "1145141919.81", .gateway = "1.14514191981e+09", .runner = "1145141919.81"},
    RealCase{.text = "4242424242.424242",
             .gateway = "4.242424242424242e+09",
             .runner = "4242424242.424242"},
    RealCase{.text = "1000000.0", .gateway = "1e+06", .runner = "1000000"},
    RealCase{.text = "123456.0", .gateway = "123456", .runner = "123456"},
    RealCase{.text = "0.0001", .gateway = "0.0001", .runner = "0.0001"},
    RealCase{.text = "0.00001", .gateway = "1e-05", .runner = "0.00001"},
    RealCase{.text = "-0.5", .gateway = "-0.5", .runner = "-0.5"},
};

TEST(Rendering, RealsHaveAnExponentForTheGatewayOnly) {
  for (const RealCase& real : kReals) {
    const Cell cell{.type = CellType::kReal, .text = real.text};
    EXPECT_EQ(GatewayCell(kPlain, cell), real.gateway);
    EXPECT_EQ(RunnerCell(kPlain, cell), real.runner);
  }
}

TEST(Rendering, IntegersAndTextsAreAsTheyAre) {
  const Cell integer{.type = CellType::kInteger, .text = "9223372036854775807"};
  EXPECT_EQ(GatewayCell(kPlain, integer), "9223372036854775807");
  EXPECT_EQ(RunnerCell(kPlain, integer), "9223372036854775807");
  const Cell text{.type = CellType::kText, .text = "資料庫"};
  EXPECT_EQ(GatewayCell(kPlain, text), "資料庫");
  EXPECT_EQ(RunnerCell(kPlain, text), "資料庫");
}

TEST(Rendering, BytesAreAListForTheGatewayAndHexadecimalForTheRunner) {
  const Cell bytes{.type = CellType::kBytes, .text = "68656c6c6f"};
  EXPECT_EQ(GatewayCell(kPlain, bytes), "[104 101 108 108 111]");
  EXPECT_EQ(RunnerCell(kPlain, bytes), "68656c6c6f");
  const Cell none{.type = CellType::kBytes, .text = ""};
  EXPECT_EQ(GatewayCell(kPlain, none), "[]");
}

struct TimeCase {
  std::string_view text;
  std::string_view gateway;
  std::string_view runner;
};
constexpr std::array kTimes{
    TimeCase{.text = "2024-01-01",
             .gateway = "2024-01-01 00:00:00 +0000 UTC",
             .runner = "2024-01-01 00:00:00"},
    TimeCase{.text = "2021-01-02 03:04:05",
             .gateway = "2021-01-02 03:04:05 +0000 UTC",
             .runner = "2021-01-02 03:04:05"},
    TimeCase{.text = "2021-01-02T03:04:05.250Z",
             .gateway = "2021-01-02 03:04:05.25 +0000 UTC",
             .runner = "2021-01-02 03:04:05"},
    TimeCase{.text = "2021-01-02 03:04",
             .gateway = "2021-01-02 03:04:00 +0000 UTC",
             .runner = "2021-01-02 03:04:00"},
    TimeCase{.text = "2024-01-01 10:00:00+08:00",
             .gateway = "2024-01-01 10:00:00 +0800 +0800",
             .runner = "2024-01-01 10:00:00"},
    TimeCase{.text = "2024-02-30", .gateway = "2024-02-30", .runner = "2024-02-30"},
    TimeCase{.text = "tomorrow", .gateway = "tomorrow", .runner = "tomorrow"},
    TimeCase{.text = "2024-01-01 1", .gateway = "2024-01-01 1", .runner = "2024-01-01 1"},
    TimeCase{.text = "2024-01-01 10:00:00+8",
             .gateway = "2024-01-01 10:00:00+8",
             .runner = "2024-01-01 10:00:00+8"},
};

TEST(Rendering, TextsThatAreTimesInColumnsOfTimesAreTimes) {
  for (const std::string_view type : {"DATE", "datetime", "TIMESTAMP"}) {
    const Column column{.name = "at", .type = std::string(type)};
    for (const TimeCase& moment : kTimes) {
      const Cell cell{.type = CellType::kText, .text = moment.text};
      EXPECT_EQ(GatewayCell(column, cell), moment.gateway);
      EXPECT_EQ(RunnerCell(column, cell), moment.runner);
    }
  }
  const Cell elsewhere{.type = CellType::kText, .text = "2024-01-01"};
  EXPECT_EQ(GatewayCell(kPlain, elsewhere), "2024-01-01") << "an expression has no such type";
}

TEST(Rendering, AnErrorHasTheWordsAndTheNumberOfItsCode) {
  EXPECT_EQ(ErrorText({.code = "SQLITE_ERROR", .message = "no such table: x"}),
            "SQL logic error: no such table: x (1)");
  EXPECT_EQ(
      ErrorText({.code = "SQLITE_CONSTRAINT_UNIQUE", .message = "UNIQUE constraint failed: t.a"}),
      "constraint failed: UNIQUE constraint failed: t.a (2067)");
  EXPECT_EQ(ErrorText({.code = "SQLITE_AUTH", .message = "authorization denied"}),
            "authorization denied (23)");
  EXPECT_EQ(ErrorText({.code = "42P01", .message = "of another database"}), "of another database");
}

}  // namespace
}  // namespace paddock::playground
