#include "sqlite_engine_host.h"

#include <fmt/format.h>

namespace paddock::testing {
namespace {

std::string CountTo(std::uint64_t count, std::string_view expression) {
  return fmt::format(
      "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {}) "
      "SELECT {} AS n FROM numbers",
      count, expression);
}

}  // namespace

using sql::CellType;

const sql::testing::EngineTexts& SqliteEngineHost::texts() const {
  static const sql::testing::EngineTexts all_texts{
      .version_begin = "SQLite 3.",
      .values = {{"1", CellType::kInteger, "1"},
                 {"9223372036854775807", CellType::kInteger, "9223372036854775807"},
                 {"-9223372036854775807 - 1", CellType::kInteger, "-9223372036854775808"},
                 {"0.1", CellType::kReal, "0.1"},
                 {"1.0", CellType::kReal, "1.0"},
                 {"0.1 + 0.2", CellType::kReal, "0.30000000000000004"},
                 {"9e999", CellType::kReal, "Inf"},
                 {"'häß'", CellType::kText, "häß"},
                 {"'0.10'", CellType::kText, "0.10"},
                 {"x'00ff'", CellType::kBytes, "00ff"},
                 {"x''", CellType::kBytes, ""},
                 {"1 < 2", CellType::kInteger, "1"},
                 {"NULL", CellType::kNull}},
      .errors = {{"SELEC 1", "SQLITE_ERROR", 0},
                 {"SELECT missing FROM items", "SQLITE_ERROR", 7},
                 {"SELECT 'häß', missing", "SQLITE_ERROR", 16},
                 {"SELECT * FROM nowhere", "SQLITE_ERROR"},
                 {"SELECT (1", "SQLITE_ERROR"},
                 {"SELECT 1; SELECT 2", "SQLITE_MISUSE", 9},
                 {"SELECT abs(-9223372036854775807 - 1)", "SQLITE_ERROR"},
                 {"INSERT INTO items VALUES (1, 'again')", "SQLITE_CONSTRAINT_PRIMARYKEY"},
                 {"INSERT INTO items VALUES (9, 'one')", "SQLITE_CONSTRAINT_UNIQUE"}},
      .count_to = [](std::uint64_t count) { return CountTo(count, "n"); },
      .rows_then_error = CountTo(100'000, "abs(-9223372036854770808 - n)"),
      .endless = CountTo(100'000'000'000, "count(*)"),
      .big_cell =
          [](std::size_t bytes) { return fmt::format("SELECT printf('%.*c', {}, 'x')", bytes); },
      .schema = "main",
      .spec_of_nothing = sql::OpenSpec{.database = "/nowhere/at/all.db"}};
  return all_texts;
}

}  // namespace paddock::testing
