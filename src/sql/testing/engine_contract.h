// EngineContract: what every Engine must do with statements, whatever database it speaks to.
//
// INSTANTIATE_TEST_SUITE_P it with an EngineUnderTest, and EngineControlContract
// (engine_control_contract.h) as well.
#pragma once

#include "sql/testing/engine_fixture.h"

namespace paddock::sql::testing {

class EngineContract : public EngineFixture {};

TEST_P(EngineContract, AnOpenSessionSaysWhatItIsConnectedTo) {
  EXPECT_TRUE(session_->is_open());
  EXPECT_TRUE(session_->server_version().starts_with(texts().version_begin))
      << session_->server_version();
  EXPECT_EQ(session_->transaction(), TransactionState::kNone);
}

TEST_P(EngineContract, ADatabaseThatIsNotThereCannotBeOpened) {
  if (!texts().spec_of_nothing) {
    GTEST_SKIP() << "every name can be opened";
  }
  const auto opened = Open(*texts().spec_of_nothing, dialer_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, texts().code_of_nothing) << opened.error().message;
  EXPECT_FALSE(opened.error().reason().empty());
}

TEST_P(EngineContract, EveryValueKeepsItsExactText) {
  for (const ValueCase& value : texts().values) {
    const auto sink = MustRun("SELECT " + value.expression + " AS v");
    const auto& result = sink.results.front();
    ASSERT_EQ(result.rows.size(), 1U) << value.expression;
    const auto& cell = result.rows.front().front();
    EXPECT_EQ(result.columns.front().name, "v");
    EXPECT_EQ(result.types.front(), value.type) << value.expression;
    EXPECT_EQ(cell.has_value(), value.type != CellType::kNull) << value.expression;
    EXPECT_EQ(cell.value_or(""), value.text) << value.expression;
  }
}

TEST_P(EngineContract, NullIsNotTheWordNull) {
  const auto sink = MustRun("SELECT NULL AS a, 'NULL' AS b, '' AS c");
  EXPECT_EQ(sink.results.front().rows, (std::vector<Row>{{std::nullopt, "NULL", ""}}));
}

TEST_P(EngineContract, TheLargestIntegersComeBackDigitByDigit) {
  EXPECT_EQ(RowsOf("SELECT 9223372036854775807, -9223372036854775807"),
            (std::vector<Row>{{"9223372036854775807", "-9223372036854775807"}}));
}

TEST_P(EngineContract, NamesOfColumnsMayRepeatAndHoldAnyLetter) {
  const auto sink = MustRun("SELECT 1 AS n, 2 AS n, 3 AS größe");
  const auto& columns = sink.results.front().columns;
  ASSERT_EQ(columns.size(), 3U);
  EXPECT_EQ(columns[0].name, "n");
  EXPECT_EQ(columns[1].name, "n");
  EXPECT_EQ(columns[2].name, "größe");
}

TEST_P(EngineContract, AResultWithoutRowsStillHasColumns) {
  MakeTables();
  const auto sink = MustRun("SELECT id, name FROM items WHERE id > 100");
  ASSERT_EQ(sink.results.size(), 1U);
  EXPECT_EQ(sink.results.front().columns.size(), 2U);
  EXPECT_EQ(sink.results.front().row_count, 0U);
  EXPECT_TRUE(sink.results.front().is_complete);
}

TEST_P(EngineContract, ACommandSaysHowManyRowsItTouched) {
  MakeTables();
  const auto touched = [this](const std::string& statement) {
    const auto sink = MustRun(statement);
    EXPECT_EQ(sink.results.size(), 1U);
    EXPECT_TRUE(sink.results.front().columns.empty());
    EXPECT_FALSE(sink.results.front().command.tag.empty());
    return sink.results.front().command.affected_rows;
  };
  EXPECT_EQ(touched("INSERT INTO parts VALUES (11, 2, 6), (12, 3, 6)"), 2U);
  EXPECT_EQ(touched("UPDATE parts SET size = size + 1"), 3U);
  EXPECT_EQ(touched("DELETE FROM parts WHERE size = 7"), 2U);
  EXPECT_EQ(touched("DELETE FROM parts WHERE size = 7"), 0U);
}

TEST_P(EngineContract, ManyRowsComeInBatchesInTheirOrder) {
  constexpr std::size_t kCount = 20'000;
  RecordingSink sink;
  sink.kept_rows_max = kCount;
  const auto outcome = Execute(*session_, texts().count_to(kCount), sink);
  ASSERT_TRUE(outcome && !*outcome);
  ASSERT_EQ(sink.results.size(), 1U);
  ASSERT_EQ(sink.results.front().row_count, kCount);
  EXPECT_TRUE(sink.results.front().is_complete);
  EXPECT_GE(sink.batch_count, kCount / kBatchRowsMax);
  for (std::size_t i = 0; i < kCount; ++i) {
    ASSERT_EQ(sink.results.front().rows[i], Row{std::to_string(i + 1)});
  }
}

TEST_P(EngineContract, AResultThatNobodyTakesEndsTheStatementAndNotTheSession) {
  RecordingSink sink;
  sink.batches_max = 3;
  const auto outcome = Execute(*session_, texts().count_to(100'000'000'000), sink);
  EXPECT_EQ(CodeOf(outcome), Code::kExhausted);
  EXPECT_EQ(sink.batch_count, 3U);
  ExpectUsable(*session_);
}

TEST_P(EngineContract, ABigCellArrivesWhole) {
  constexpr std::size_t kBytes = std::size_t{3} << 20U;
  const auto rows = RowsOf(texts().big_cell(kBytes));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_TRUE(rows.front().front() == std::string(kBytes, 'x'));
}

TEST_P(EngineContract, AnErrorSaysWhatAndWhereAndTheSessionGoesOn) {
  MakeTables();
  for (const ErrorCase& expected : texts().errors) {
    const auto error = MustFail(expected.statement);
    EXPECT_EQ(error.code, expected.code) << expected.statement << ": " << error.message;
    EXPECT_FALSE(error.message.empty()) << expected.statement;
    EXPECT_EQ(error.position, expected.position) << expected.statement << ": " << error.message;
    ExpectUsable(*session_);
  }
}

TEST_P(EngineContract, AnErrorMayComeAfterRows) {
  RecordingSink sink;
  const auto outcome = Execute(*session_, texts().rows_then_error, sink);
  ASSERT_TRUE(outcome) << outcome.error().message;
  ASSERT_TRUE(*outcome);
  EXPECT_FALSE((*outcome)->message.empty());
  ASSERT_EQ(sink.results.size(), 1U);
  EXPECT_GT(sink.results.front().row_count, 0U);
  EXPECT_FALSE(sink.results.front().is_complete);
  ExpectUsable(*session_);
}

TEST_P(EngineContract, ATextWithoutAStatementIsHarmless) {
  for (const std::string text : {"", " ", "/* nothing */", "-- nothing\n"}) {
    RecordingSink sink;
    const auto outcome = Execute(*session_, text, sink);
    EXPECT_TRUE(outcome) << text;
    ExpectUsable(*session_);
  }
}

TEST_P(EngineContract, ATemporaryTableIsOneSessionsOwn) {
  const auto other = MustOpen();
  MustRun("CREATE TEMPORARY TABLE own (n INTEGER)");
  MustRun("INSERT INTO own VALUES (5)");
  EXPECT_EQ(RowsOf("SELECT n FROM own"), std::vector<Row>{{"5"}});
  MustFail(*other, "SELECT n FROM own");
}

TEST_P(EngineContract, ATransactionLastsFromStatementToStatementAndIsSeenByNobodyElse) {
  MakeTables();
  const auto other = MustOpen();
  MustRun("BEGIN");
  EXPECT_EQ(session_->transaction(), TransactionState::kOpen);
  MustRun("INSERT INTO items VALUES (4, 'four')");
  EXPECT_EQ(session_->transaction(), TransactionState::kOpen);
  EXPECT_EQ(RowsOf("SELECT COUNT(*) FROM items"), std::vector<Row>{{"4"}});
  EXPECT_EQ(other->transaction(), TransactionState::kNone);
  EXPECT_EQ(RowsOf(*other, "SELECT COUNT(*) FROM items"), std::vector<Row>{{"3"}});
  MustRun("ROLLBACK");
  EXPECT_EQ(session_->transaction(), TransactionState::kNone);
  EXPECT_EQ(RowsOf("SELECT COUNT(*) FROM items"), std::vector<Row>{{"3"}});
  MustRun("BEGIN");
  MustRun("INSERT INTO items VALUES (4, 'four')");
  MustRun("COMMIT");
  EXPECT_EQ(session_->transaction(), TransactionState::kNone);
  EXPECT_EQ(RowsOf(*other, "SELECT COUNT(*) FROM items"), std::vector<Row>{{"4"}});
}

TEST_P(EngineContract, WhatAnErrorMakesOfATransactionIsSaid) {
  MakeTables();
  MustRun("BEGIN");
  MustFail("INSERT INTO items VALUES (1, 'again')");
  EXPECT_EQ(session_->transaction(), texts().state_after_error);
  MustRun("ROLLBACK");
  EXPECT_EQ(session_->transaction(), TransactionState::kNone);
  ExpectUsable(*session_);
}

TEST_P(EngineContract, WhatASessionDidNotCommitIsGoneWithIt) {
  MakeTables();
  auto other = MustOpen();
  MustRun(*other, "BEGIN");
  MustRun(*other, "INSERT INTO items VALUES (4, 'four')");
  other.reset();
  MustRun("INSERT INTO items VALUES (5, 'five')");
  EXPECT_EQ(RowsOf("SELECT id FROM items WHERE id > 3"), std::vector<Row>{{"5"}});
}

}  // namespace paddock::sql::testing
