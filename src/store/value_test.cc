#include "store/value.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "store/database.h"

namespace paddock::store {
namespace {

using std::chrono::milliseconds;

TEST(Values, ATimeIsMillisecondsAndAnAbsentOneIsNull) {
  const SystemTime time{milliseconds(1'700'000'000'123)};
  EXPECT_EQ(ToValue(time), Value(std::int64_t{1'700'000'000'123}));
  EXPECT_EQ(ToValue(std::optional<SystemTime>()), Value());
  EXPECT_EQ(ToValue(std::optional<std::string>()), Value());
  EXPECT_EQ(ToValue(std::optional<std::string>("a")), Value(std::string("a")));
  EXPECT_EQ(ToValue(true), Value(std::int64_t{1}));
}

TEST(RowReader, ReadsWhatWasWritten) {
  const SystemTime time{milliseconds(42)};
  const Row row{std::string("a"), std::monostate(), std::int64_t{7},  std::monostate(),
                ToValue(true),    ToValue(time),    std::monostate(), Bytes{"b"}};
  RowReader reader(row);
  EXPECT_EQ(reader.Text(), "a");
  EXPECT_EQ(reader.OptionalText(), std::nullopt);
  EXPECT_EQ(reader.Integer(), 7);
  EXPECT_EQ(reader.OptionalInteger(), std::nullopt);
  EXPECT_TRUE(reader.Truth());
  EXPECT_EQ(reader.Time(), time);
  EXPECT_EQ(reader.OptionalTime(), std::nullopt);
  EXPECT_EQ(reader.Blob(), "b");
  EXPECT_TRUE(reader.Finish());
}

TEST(RowReader, AnyMisfitIsFoundAtTheEnd) {
  const auto misfit = [](Row row, auto read) {
    RowReader reader(row);
    read(reader);
    auto finished = reader.Finish();
    return !finished && finished.error().code == Code::kInternal;
  };
  EXPECT_TRUE(misfit({}, [](RowReader& reader) { (void)reader.Text(); }));
  EXPECT_TRUE(misfit({std::string("a")}, [](RowReader&) {}));
  EXPECT_TRUE(misfit({std::monostate()}, [](RowReader& reader) { (void)reader.Text(); }));
  EXPECT_TRUE(misfit({std::string("1")}, [](RowReader& reader) { (void)reader.Integer(); }));
  EXPECT_TRUE(misfit({1.0}, [](RowReader& reader) { (void)reader.OptionalInteger(); }));
  EXPECT_TRUE(misfit({std::int64_t{2}}, [](RowReader& reader) { (void)reader.Truth(); }));
  EXPECT_TRUE(misfit({std::numeric_limits<std::int64_t>::max()},
                     [](RowReader& reader) { (void)reader.Time(); }));
  EXPECT_TRUE(misfit({std::string("a")}, [](RowReader& reader) { (void)reader.Blob(); }));
}

TEST(Statements, AreRefusedBeyondTheirLimits) {
  const auto code = [](std::span<const Statement> statements) {
    auto checked = CheckStatements(statements);
    return checked ? Code::kNotFound : checked.error().code;
  };
  Statement statement{.sql = "SELECT ?", .values = {std::string("ok")}};
  EXPECT_EQ(code({&statement, 1}), Code::kNotFound);
  statement.values.front() = std::string(kValueSizeMax + 1, 'a');
  EXPECT_EQ(code({&statement, 1}), Code::kInvalid);
  statement.values.front() = Bytes{std::string(kValueSizeMax + 1, 'a')};
  EXPECT_EQ(code({&statement, 1}), Code::kInvalid);
  statement.values.assign(kValuesMax + 1, std::int64_t{1});
  EXPECT_EQ(code({&statement, 1}), Code::kInvalid);
  statement = {.sql = std::string(kSqlSizeMax + 1, ' ')};
  EXPECT_EQ(code({&statement, 1}), Code::kInvalid);
  EXPECT_EQ(code(Transaction(kStatementsMax + 1)), Code::kInvalid);
}

TEST(Statements, NumbersAreFinite) {
  for (const double number :
       {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    const Statement statement{.sql = "SELECT ?", .values = {number}};
    EXPECT_FALSE(CheckStatements({&statement, 1}));
  }
}

TEST(Statements, TextIsUtf8) {
  const auto is_text = [](std::string text) {
    const Statement statement{.sql = "", .values = {std::move(text)}};
    return CheckStatements({&statement, 1}).has_value();
  };
  for (const char* text : {"", "a", "ü", "\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                           "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "世界🐎"}) {
    EXPECT_TRUE(is_text(text)) << text;
  }
  for (const char* text :
       {"\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xE2\x82", "\xF0\x9F\x90", "\xE2\x28\xA1", "\xF0\x9F\x28\x8E"}) {
    EXPECT_FALSE(is_text(text)) << text;
  }
}

}  // namespace
}  // namespace paddock::store
