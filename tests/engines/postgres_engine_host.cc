#include "postgres_engine_host.h"

#include <fmt/format.h>

namespace paddock::testing {

using sql::CellType;

const sql::testing::EngineTexts& PostgresEngineHost::texts() const {
  static const sql::testing::EngineTexts all{
      .version_begin = "PostgreSQL 1",
      .values = {{"1", CellType::kInteger, "1"},
                 {"9223372036854775807", CellType::kInteger, "9223372036854775807"},
                 {"0.10::numeric", CellType::kDecimal, "0.10"},
                 {"12345678901234567890.123456789012345678901", CellType::kDecimal,
                  "12345678901234567890.123456789012345678901"},
                 {"0.1::float8", CellType::kReal, "0.1"},
                 {"'NaN'::float8", CellType::kReal, "NaN"},
                 {"'häß'", CellType::kText, "häß"},
                 {"true", CellType::kBoolean, "true"},
                 {"false", CellType::kBoolean, "false"},
                 {R"('\x00ff'::bytea)", CellType::kBytes, "00ff"},
                 {"timestamp '2026-01-02 03:04:05.678901'", CellType::kTime,
                  "2026-01-02 03:04:05.678901"},
                 {"interval '1 day 2 hours'", CellType::kTime, "1 day 02:00:00"},
                 {"ARRAY[1,2]", CellType::kOther, "{1,2}"},
                 {"'{\"a\": 1}'::json", CellType::kOther, "{\"a\": 1}"},
                 {"NULL::int", CellType::kNull}},
      .errors = {{"SELEC 1", "42601", 0},
                 {"SELECT nothing FROM items", "42703", 7},
                 {"SELECT 'häß', nothing", "42703", 16},
                 {"SELECT * FROM nowhere", "42P01", 14},
                 {"SELECT (1", "42601", 9},
                 {"SELECT 1/0", "22012"},
                 {"INSERT INTO items VALUES (1, 'again')", "23505"}},
      // Not in FROM, where all of them would be made first.
      .count_to =
          [](std::uint64_t count) {
            return fmt::format("SELECT generate_series(1::bigint, {}) AS n", count);
          },
      .rows_then_error = "SELECT 1 / (20000 - n) FROM generate_series(1, 100000) AS n",
      .endless = "SELECT pg_sleep(300)",
      .big_cell = [](std::size_t bytes) { return fmt::format("SELECT repeat('x', {})", bytes); },
      .state_after_error = sql::TransactionState::kFailed,
      .schema = "public",
      .spec_of_nothing = sql::OpenSpec{.database = "no_such_database", .user = "paddock"}};
  return all;
}

}  // namespace paddock::testing
