// DatabaseContract: what every Database must do, whatever keeps the data.
//
// INSTANTIATE_TEST_SUITE_P it with a StoreUnderTest per implementation: SQLite in the unit tests, a
// real PostgreSQL in tests/store. See also migration_contract.h.
#pragma once

#include <cmath>
#include <limits>

#include "aio/task_scope.h"
#include "store/testing/database_fixture.h"

namespace paddock::store::testing {

class DatabaseContract : public DatabaseFixture {
 protected:
  void SetUp() override {
    DatabaseFixture::SetUp();
    if (database_ != nullptr) {
      MustMigrate();
    }
  }
  static aio::Task<void> WriteInto(Database& database, Transaction transaction, int& succeeded) {
    auto written = co_await database.Write(std::move(transaction), Soon());
    succeeded += static_cast<int>(written.has_value());
  }
  static aio::Task<bool> JoinOf(aio::TaskScope& scope) {
    co_await scope.Join();
    co_return true;
  }
  static Statement AddOne() {
    return {.sql = "UPDATE items SET number = number + 1 WHERE namespace = 'test' AND id = 'sum'"};
  }
  static Error Gone() { return {.code = Code::kNotFound, .message = "it is gone"}; }
  static Error Taken() { return {.code = Code::kInvalid, .message = "that name is taken"}; }
};

TEST_P(DatabaseContract, EveryValueComesBackAsItWas) {
  using Integers = std::numeric_limits<std::int64_t>;
  using Doubles = std::numeric_limits<double>;
  const std::vector<Row> rows{
      {std::string("null"), {}, {}, {}, {}},
      {std::string("text"), std::int64_t{0}, 0.1, std::string("NULL"), Bytes{"NULL"}},
      {std::string("least"), Integers::min(), Doubles::lowest(), std::string(), Bytes{}},
      {std::string("most"), Integers::max(), Doubles::max(), std::string("?"), Bytes{"\\x41"}},
      {std::string("small"), std::int64_t{-1}, Doubles::denorm_min(), std::string("'\"\\ $1 ?"),
       Bytes{std::string("\0\x01\xFF\0'\\", 6)}},
      {std::string("Grüße, 世界 🐎"), std::int64_t{1} << 53, -1.0 / 3, std::string("Zeile\n\r\t\v"),
       Bytes{std::string(100'000, '\xFE')}},
  };
  Transaction insert;
  for (const Row& row : rows) {
    insert.push_back({.sql = "INSERT INTO items (namespace, id, number, ratio, content, data) "
                             "VALUES ('test', ?, ?, ?, ?, ?)",
                      .values = row});
  }
  auto written = Write(std::move(insert));
  ASSERT_TRUE(written) << written.error().message;
  for (const Row& row : rows) {
    auto read = Read({.sql = "SELECT id, number, ratio, content, data FROM items WHERE id = ?",
                      .values = {row.front()}});
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->rows.size(), 1U);
    EXPECT_EQ(read->rows.front(), row) << std::get<std::string>(row.front());
  }
}

TEST_P(DatabaseContract, ValuesMayStandOutsideOfAnyColumn) {
  EXPECT_EQ(ReadValue({.sql = "SELECT ?", .values = {std::int64_t{7}}}), Value(std::int64_t{7}));
  EXPECT_EQ(ReadValue({.sql = "SELECT ?", .values = {0.25}}), Value(0.25));
  EXPECT_EQ(ReadValue({.sql = "SELECT ?", .values = {std::string("7")}}), Value(std::string("7")));
  EXPECT_EQ(ReadValue({.sql = "SELECT ?", .values = {Bytes{"7"}}}), Value(Bytes{"7"}));
  EXPECT_EQ(ReadValue({.sql = "SELECT '?' || ? /* ? */ -- ?\n", .values = {std::string("!")}}),
            Value(std::string("?!")));
}

TEST_P(DatabaseContract, ASumOfIntegersIsAnInteger) {
  ASSERT_TRUE(Write({InsertItem("a", std::int64_t{1} << 40), InsertItem("b", std::int64_t{2})}));
  EXPECT_EQ(ReadValue({.sql = "SELECT SUM(number) FROM items"}),
            Value((std::int64_t{1} << 40) + 2));
}

TEST_P(DatabaseContract, TextThatIsNoneIsRefused) {
  for (const std::string& text :
       {std::string("a\0b", 3), std::string("\xFF"), std::string("\xC3"), std::string("\xC0\x80"),
        std::string("\xED\xA0\x80"), std::string("\xF4\x90\x80\x80")}) {
    EXPECT_EQ(CodeOf(Write({InsertItem("a", {}, text)})), Code::kInvalid);
    EXPECT_EQ(CodeOf(Read({.sql = "SELECT ?", .values = {text}})), Code::kInvalid);
  }
  EXPECT_EQ(ItemCount(), 0);
}

TEST_P(DatabaseContract, TheNumberOfValuesMustFit) {
  EXPECT_EQ(CodeOf(Read({.sql = "SELECT ?"})), Code::kInternal);
  EXPECT_EQ(CodeOf(Read({.sql = "SELECT 1", .values = {std::int64_t{1}}})), Code::kInternal);
  EXPECT_EQ(ReadValue({.sql = "SELECT 1"}), Value(std::int64_t{1}));
}

TEST_P(DatabaseContract, RowsAndChangesAreCounted) {
  auto written = Write({InsertItem("a", std::int64_t{1}),
                        InsertItem("b", std::int64_t{2}),
                        {.sql = "UPDATE items SET number = number + 10 RETURNING number"},
                        {.sql = "SELECT id FROM items ORDER BY id"},
                        {.sql = "DELETE FROM items WHERE id = 'nobody'"},
                        {.sql = "DELETE FROM items"}});
  ASSERT_TRUE(written) << written.error().message;
  ASSERT_EQ(written->size(), 6U);
  EXPECT_EQ((*written)[0].changed_count, 1);
  EXPECT_EQ((*written)[2].changed_count, 2);
  EXPECT_EQ((*written)[2].rows.size(), 2U);
  EXPECT_EQ((*written)[3].changed_count, 0);
  EXPECT_EQ((*written)[3].rows.size(), 2U);
  EXPECT_EQ((*written)[4].changed_count, 0);
  EXPECT_EQ((*written)[5].changed_count, 2);
}

TEST_P(DatabaseContract, AnEmptyTransactionDoesNothing) {
  auto written = Write({});
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_TRUE(written->empty());
}

TEST_P(DatabaseContract, AGuardThatFindsNothingUndoesEverything) {
  ASSERT_TRUE(Write({InsertItem("a", std::int64_t{1})}));
  const Statement guard{.sql = "UPDATE items SET number = 2 WHERE id = ? AND number = 9",
                        .values = {std::string("a")},
                        .if_none = Gone()};
  const Statement clear{.sql = "DELETE FROM items"};
  for (const Transaction& transaction :
       {Transaction{InsertItem("b"), guard}, Transaction{guard, InsertItem("b")},
        Transaction{clear, InsertItem("c"), guard, InsertItem("d")}, Transaction{guard}}) {
    auto written = Write(transaction);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Code::kNotFound);
    EXPECT_EQ(written.error().message, "it is gone");
    EXPECT_EQ(ItemCount(), 1);
  }
  const Statement select{.sql = "SELECT 1 FROM items WHERE id = 'b'", .if_none = Gone()};
  EXPECT_EQ(CodeOf(Write({clear, select})), Code::kNotFound);
  EXPECT_EQ(CodeOf(Read(select)), Code::kNotFound);
  EXPECT_EQ(ItemCount(), 1);
}

TEST_P(DatabaseContract, AGuardThatFindsSomethingLetsPass) {
  ASSERT_TRUE(Write({InsertItem("a", std::int64_t{1})}));
  auto written = Write({{.sql = "UPDATE items SET number = 2 WHERE id = 'a'", .if_none = Gone()},
                        {.sql = "SELECT number FROM items WHERE id = 'a'", .if_none = Gone()},
                        InsertItem("b")});
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(ItemCount(), 2);
}

TEST_P(DatabaseContract, WhatIsTakenFailsInTheStatementsOwnWords) {
  ASSERT_TRUE(Write({InsertItem("a", {}, std::string("name"))}));
  Statement second = InsertItem("b", {}, std::string("name"));
  EXPECT_EQ(CodeOf(Write({InsertItem("c"), second})), Code::kConflict);
  second.if_taken = Taken();
  auto written = Write({InsertItem("c"), second});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message, "that name is taken");
  EXPECT_EQ(CodeOf(Write({InsertItem("a")})), Code::kConflict);
  EXPECT_EQ(ItemCount(), 1);
}

TEST_P(DatabaseContract, ConflictsCanBeResolvedInTheStatement) {
  const Statement put{.sql =
                          "INSERT INTO items (namespace, id, number) VALUES ('test', 'a', 1) "
                          "ON CONFLICT (namespace, id) DO UPDATE SET number = items.number + 1"};
  ASSERT_TRUE(Write({put, put, put}));
  EXPECT_EQ(ReadValue({.sql = "SELECT number FROM items"}), Value(std::int64_t{3}));
}

TEST_P(DatabaseContract, AReferenceToNothingIsAConflict) {
  const Statement part{.sql =
                           "INSERT INTO parts (namespace, item, position) VALUES ('test', 'a', 1)"};
  EXPECT_EQ(CodeOf(Write({part})), Code::kConflict);
  ASSERT_TRUE(Write({InsertItem("a"), part}));
  ASSERT_TRUE(Write({{.sql = "DELETE FROM items WHERE id = 'a'"}}));
  EXPECT_EQ(ReadValue({.sql = "SELECT COUNT(*) FROM parts"}), Value(std::int64_t{0}));
}

TEST_P(DatabaseContract, AWrongStatementFailsAloneAndChangesNothing) {
  EXPECT_EQ(CodeOf(Write({InsertItem("a"), {.sql = "INSERT INTO nowhere VALUES (1)"}})),
            Code::kInternal);
  EXPECT_EQ(CodeOf(Write({{.sql = "SELECT 1; SELECT 2"}})), Code::kInternal);
  EXPECT_EQ(CodeOf(Read({.sql = "SELEC 1"})), Code::kInternal);
  EXPECT_EQ(CodeOf(Read({.sql = "INSERT INTO items (namespace, id) VALUES ('test', 'x')"})),
            Code::kInternal);
  EXPECT_EQ(ItemCount(), 0);
  EXPECT_TRUE(Write({InsertItem("a")}));
}

TEST_P(DatabaseContract, ReadsSeeWhatWasAcknowledgedBefore) {
  ASSERT_TRUE(Write({InsertItem("sum", std::int64_t{0})}));
  for (std::int64_t i = 1; i <= 100; ++i) {
    ASSERT_TRUE(Write({AddOne()}));
    ASSERT_EQ(ReadValue({.sql = "SELECT number FROM items WHERE id = 'sum'"}), Value(i));
  }
}

TEST_P(DatabaseContract, WritesOfOneCallerKeepTheirOrder) {
  ASSERT_TRUE(Write({InsertItem("last", std::int64_t{-1})}));
  aio::TaskScope scope(loop_.get_executor());
  int succeeded = 0;
  constexpr int kCount = 200;
  for (std::int64_t i = 0; i < kCount; ++i) {
    Transaction next{{.sql = "UPDATE items SET number = ? WHERE id = 'last' AND number = ?",
                      .values = {i, i - 1},
                      .if_none = Gone()}};
    scope.Spawn(WriteInto(database(), std::move(next), succeeded));
  }
  Await(JoinOf(scope));
  EXPECT_EQ(succeeded, kCount);
}

TEST_P(DatabaseContract, FiftyWritersAtOnceLoseNothing) {
  ASSERT_TRUE(Write({InsertItem("sum", std::int64_t{0})}));
  aio::TaskScope scope(loop_.get_executor());
  int succeeded = 0;
  int refused = 0;
  constexpr int kWriters = 50;
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds; ++round) {
    for (int writer = 0; writer < kWriters; ++writer) {
      const std::string id = std::to_string(round) + "-" + std::to_string(writer);
      scope.Spawn(WriteInto(database(), {AddOne(), InsertItem(id)}, succeeded));
      scope.Spawn(WriteInto(database(), {AddOne(), InsertItem("sum")}, refused));
    }
  }
  Await(JoinOf(scope));
  EXPECT_EQ(succeeded, kWriters * kRounds);
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(ReadValue({.sql = "SELECT number FROM items WHERE id = 'sum'"}),
            Value(std::int64_t{kWriters} * kRounds));
  EXPECT_EQ(ItemCount(), kWriters * kRounds + 1);
}

TEST_P(DatabaseContract, WhatWasWrittenIsThereAfterOpeningAgain) {
  ASSERT_TRUE(Write({InsertItem("a", std::int64_t{1})}));
  Reopen();
  MustMigrate();
  EXPECT_EQ(ItemCount(), 1);
}

TEST_P(DatabaseContract, APassedDeadlineFailsAsSuch) {
  EXPECT_EQ(CodeOf(Await(database().Read(CountItems(), Deadline::At({})))),
            Code::kDeadlineExceeded);
  EXPECT_EQ(CodeOf(Await(database().Write({InsertItem("a")}, Deadline::At({})))),
            Code::kDeadlineExceeded);
  EXPECT_EQ(ItemCount(), 0);
}

TEST_P(DatabaseContract, AStatementThatTakesTooLongIsEndedAndOthersGoOn) {
  const Statement endless{
      .sql =
          "WITH RECURSIVE numbers (n) AS (SELECT CAST(1 AS BIGINT) UNION ALL "
          "SELECT n + 1 FROM numbers WHERE n < 1000000000000) SELECT MAX(n) FROM numbers"};
  const auto brief = [] { return Deadline::After(std::chrono::milliseconds(50)); };
  EXPECT_EQ(CodeOf(Await(database().Read(endless, brief()))), Code::kDeadlineExceeded);
  EXPECT_EQ(CodeOf(Await(database().Write({InsertItem("a"), endless}, brief()))),
            Code::kDeadlineExceeded);
  ASSERT_TRUE(Write({InsertItem("b")}));
  EXPECT_EQ(ItemCount(), 1);
}

TEST_P(DatabaseContract, ASnapshotStaysAsItWas) {
  ASSERT_TRUE(Write({InsertItem("a")}));
  auto snapshot = Await(database().OpenSnapshot(Soon()));
  ASSERT_TRUE(snapshot) << snapshot.error().message;
  ASSERT_TRUE(Write({InsertItem("b")}));
  for (int round = 0; round < 2; ++round) {
    auto rows = Await((*snapshot)->Read(CountItems(), Soon()));
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(rows->rows.front(), Row{std::int64_t{1}});
  }
  EXPECT_EQ(CodeOf(Await((*snapshot)->Read({.sql = "DELETE FROM items"}, Soon()))),
            Code::kInternal);
  snapshot->reset();
  EXPECT_EQ(ItemCount(), 2);
}

TEST_P(DatabaseContract, TheStateNamesEngineAndVersion) {
  EXPECT_FALSE(database().state().engine.empty());
  EXPECT_EQ(database().state().schema_version, static_cast<int>(kTestMigrations.size()));
  EXPECT_EQ(database().state().failure, std::nullopt);
}

}  // namespace paddock::store::testing
