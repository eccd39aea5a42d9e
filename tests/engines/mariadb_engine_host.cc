#include "mariadb_engine_host.h"

#include <fmt/format.h>

namespace paddock::testing {
namespace {

using sql::CellType;

sql::testing::EngineTexts MakeTexts() {
  return {
      .version_begin = "MariaDB 1",
      .values = {{"1", CellType::kInteger, "1"},
                 {"18446744073709551615", CellType::kInteger, "18446744073709551615"},
                 {"0.10", CellType::kDecimal, "0.10"},
                 {"CAST('12345678901234567890.1234567890123456789' AS DECIMAL(40,19))",
                  CellType::kDecimal, "12345678901234567890.1234567890123456789"},
                 {"1e-1", CellType::kReal, "0.1"},
                 {"'häß'", CellType::kText, "häß"},
                 {"X'00ff'", CellType::kBytes, "00ff"},
                 {"CAST('2026-01-02 03:04:05.678901' AS DATETIME(6))", CellType::kTime,
                  "2026-01-02 03:04:05.678901"},
                 {"DATE '2026-01-02'", CellType::kTime, "2026-01-02"},
                 {"TRUE", CellType::kInteger, "1"},
                 {"CAST('5e0d1e8c-0000-1111-2222-333344445555' AS UUID)", CellType::kText,
                  "5e0d1e8c-0000-1111-2222-333344445555"},
                 {"CAST(NULL AS SIGNED)", CellType::kNull}},
      .errors = {{"SELEC 1", "1064", 0},
                 {"SELECT * FROM items WHERE\n  a b c AND", "1064", 30},
                 {"SELECT (1", "1064", 9},
                 {"SELECT nothing FROM items", "1054", 7},
                 {"SELECT 'häß', nothing FROM items", "1054", 16},
                 {"SELECT * FROM nowhere", "1146", 14},
                 {"INSERT INTO items VALUES (1, 'again')", "1062"}},
      .count_to =
          [](std::uint64_t count) {
            return fmt::format("SELECT seq AS n FROM seq_1_to_{}", count);
          },
      // The second statement's rows come from the table before the one that is wrong.
      .rows_then_error =
          "SELECT IF(seq < 20000, seq, (SELECT 1 UNION SELECT 2)) FROM seq_1_to_100000",
      .endless = "SELECT SLEEP(300)",
      .big_cell = [](std::size_t bytes) { return fmt::format("SELECT REPEAT('x', {})", bytes); },
      .state_after_error = sql::TransactionState::kOpen,
      .schema = "",
      .spec_of_nothing = sql::OpenSpec{.database = "no_such_database", .user = "root"}};
}

}  // namespace

const sql::testing::EngineTexts& MariadbEngineHost::texts() const {
  if (texts_.version_begin.empty()) {
    texts_ = MakeTexts();
    texts_.schema = Database();
  }
  return texts_;
}

}  // namespace paddock::testing
