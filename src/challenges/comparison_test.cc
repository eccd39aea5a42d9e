#include "challenges/comparison.h"

#include <array>
#include <sstream>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace paddock::challenges {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

void AddCell(sql::Rows& rows, std::string_view word) {
  using enum sql::CellType;
  if (word == "null") {
    rows.AddNull();
    return;
  }
  constexpr auto kTypes = std::to_array<std::pair<std::string_view, sql::CellType>>(
      {{"r", kReal}, {"d", kDecimal}, {"t", kText}, {"b", kBytes}, {"z", kBoolean}, {"o", kTime}});
  const auto colon = word.find(':');
  for (const auto& [prefix, type] : kTypes) {
    if (word.substr(0, colon) == prefix) {
      std::string text(word.substr(colon + 1));
      std::ranges::replace(text, '_', ' ');
      rows.Add(type, text);
      return;
    }
  }
  rows.Add(kInteger, word);
}

/// "id name | 1 t:Ann | 2 null": names, then rows. A bare word is an integer; r: real, d: decimal,
/// t: text ("_" is a space), b: bytes, z: boolean, o: time.
ResultSet Table(std::string_view text) {
  std::istringstream words{std::string(text)};
  ResultSet result;
  std::string word;
  while (words >> word && word != "|") {
    result.columns.push_back({.name = word});
  }
  result.rows = sql::Rows(result.columns.size());
  while (words >> word) {
    if (word != "|") {
      AddCell(result.rows, word);
    }
  }
  return result;
}

ComparisonPolicy Exact() { return {.rows = RowOrder::kExact, .names = ColumnNames::kExact}; }
ComparisonPolicy ByKey() { return {.rows = RowOrder::kKeys, .order_keys = {0}}; }
ComparisonPolicy Within(double tolerance) { return {.tolerance = tolerance}; }
ComparisonPolicy Nameless() { return {.names = ColumnNames::kIgnored}; }
ComparisonPolicy AnyColumns() { return {.columns = ColumnOrder::kAny}; }
ComparisonPolicy Trimmed() { return {.trim_text = true}; }

struct Sentence {
  std::string_view says;
  std::string_view expected;
  std::string_view actual;
  Rule rule = Rule::kSame;
  ComparisonPolicy policy = {};
};

const auto kSentences = std::to_array<Sentence>({
    // What CompareAnswer of the Database Playground says, under the strictest policy.
    {"identical results are the same", "id name | 1 t:John | 2 t:Jane",
     "id name | 1 t:John | 2 t:Jane", Rule::kSame, Exact()},
    {"fewer columns are not", "id name | 1 t:John", "id | 1", Rule::kColumnCount, Exact()},
    {"fewer rows are not", "id | 1 | 2", "id | 1", Rule::kRowCount, Exact()},
    {"rows swapped are not", "id | 1 | 2", "id | 2 | 1", Rule::kRowOrder, Exact()},
    {"two empty results are the same", "id", "id", Rule::kSame, Exact()},
    {"two of nothing are the same", "", "", Rule::kSame, Exact()},
    {"no result at all", "id | 1", "", Rule::kNoResult, Exact()},
    {"a result where none was wanted", "", "id | 1", Rule::kColumnCount, Exact()},
    {"another name is another column", "id | 1", "no | 1", Rule::kColumnNames, Exact()},
    {"an empty result is short of rows", "id | 1", "id", Rule::kRowCount, Exact()},
    {"a row too many", "id | 1", "id | 1 | 2", Rule::kRowCount, Exact()},
    {"one cell differs", "id name | 1 t:John | 2 t:Jane", "id name | 1 t:John | 2 t:Joan",
     Rule::kCells, Exact()},

    // Rows.
    {"any order is the usual one", "id | 1 | 2 | 3", "id | 3 | 1 | 2", Rule::kSame},
    {"a row that is there twice must be there twice", "id | 1 | 1 | 2", "id | 1 | 2 | 2",
     Rule::kCells},
    {"duplicates may stand apart", "id | 1 | 1 | 2", "id | 1 | 2 | 1", Rule::kSame},
    {"ties are free when only keys are ordered", "k v | 1 t:a | 1 t:b | 2 t:c",
     "k v | 1 t:b | 1 t:a | 2 t:c", Rule::kSame, ByKey()},
    {"keys out of order are wrong", "k v | 1 t:a | 1 t:b | 2 t:c", "k v | 2 t:c | 1 t:a | 1 t:b",
     Rule::kRowOrder, ByKey()},
    {"rows of a tie must be the right ones", "k v | 1 t:a | 1 t:b", "k v | 1 t:a | 1 t:c",
     Rule::kCells, ByKey()},
    {"a null may be a key", "k | null | 1", "k | 1 | null", Rule::kRowOrder, ByKey()},

    // Names.
    {"case does not matter in the usual policy", "Id | 1", "ID | 1", Rule::kSame},
    {"and does where names are exact", "Id | 1", "ID | 1", Rule::kColumnNames, Exact()},
    {"names may not matter at all", "a b | 1 2", "x y | 1 2", Rule::kSame, Nameless()},
    {"the right names in another order", "a b | 1 2", "b a | 2 1", Rule::kColumnOrder},
    {"which may be allowed", "a b | 1 2 | 3 4", "B A | 4 3 | 2 1", Rule::kSame, AnyColumns()},
    {"but wrong values stay wrong", "a b | 1 2", "b a | 1 2", Rule::kCells, AnyColumns()},
    {"columns of one name are matched in turn", "n n | 1 2", "n n | 1 2", Rule::kSame,
     AnyColumns()},
    {"without names, columns of another order are found by theirs", "a b | 1 2 | 3 4",
     "b a | 2 1 | 4 3", Rule::kColumnOrder, Nameless()},
    {"free columns need their names", "a b | 1 2", "a c | 1 2", Rule::kColumnNames, AnyColumns()},

    // Numbers.
    {"an integer is the real of its value", "n | 3", "n | r:3.0", Rule::kSame},
    {"a decimal has no zeros at its end", "n | d:1.50", "n | d:1.5", Rule::kSame},
    {"a decimal is an integer when it is one", "n | 2", "n | d:2.00", Rule::kSame},
    {"minus zero is zero", "n | r:-0.0", "n | 0", Rule::kSame},
    {"decimals are exact", "n | d:1.000000000001", "n | d:1.000000000002", Rule::kRounding},
    {"integers are exact, however great", "n | 9007199254740993", "n | 9007199254740992",
     Rule::kRounding},
    {"reals are not", "n | r:0.30000000000000004", "n | r:0.3", Rule::kSame},
    {"unless they are to be", "n | r:0.30000000000000004", "n | r:0.3", Rule::kRounding, Within(0)},
    {"an integer is its real without tolerance too", "n | 3", "n | r:3.0", Rule::kSame, Within(0)},
    {"tolerance is relative for great numbers", "n | r:1e12", "n | r:1.0000000001e12", Rule::kSame},
    {"and absolute for small ones", "n | r:1e-12", "n | r:2e-12", Rule::kSame},
    {"only rounding differs", "n | r:3.3333333333333335", "n | r:3.33", Rule::kRounding},
    {"cut off is rounded too", "n | r:2.6666666666666665", "n | 2", Rule::kRounding},
    {"a whole one more is not", "n | 3", "n | 4", Rule::kCells},
    {"rounded rows in another order", "s n | t:a r:1.126 | t:b r:2.557",
     "s n | t:b r:2.56 | t:a r:1.13", Rule::kRounding},
    {"a text beside rounding is wrong", "s n | t:a r:1.126", "s n | t:b r:1.13", Rule::kCells},
    {"reals match across rows in any order", "n m | r:1.0 5 | r:1.0000000000001 3",
     "n m | r:1.0000000000001 5 | r:1.0 3", Rule::kSame},
    {"a wide tolerance does not join a chain", "n | r:0.1 | r:0.5 | r:0.9",
     "n | r:0.1 | r:0.1 | r:0.1", Rule::kCells, Within(0.5)},
    {"a first choice makes room", "n m | r:1.0 r:5.0 | r:1.4 r:5.4",
     "n m | r:1.3 r:5.3 | r:0.8 r:4.8", Rule::kSame, Within(0.4)},
    {"infinity is itself", "n | r:Inf", "n | r:Inf", Rule::kSame},
    {"infinity is nothing else", "n | r:Inf", "n | r:1.5", Rule::kCells},

    // Everything else.
    {"null is only null", "t | null", "t | t:", Rule::kCells},
    {"null is not the text NULL", "t | null", "t | t:NULL", Rule::kCells},
    {"null is the same as null", "t | null", "t | null", Rule::kSame},
    {"a number is not its text", "n | 1", "n | t:1", Rule::kCells},
    {"bytes are not their text", "b | b:61", "b | t:61", Rule::kCells},
    {"a boolean is not a number", "b | z:true", "b | 1", Rule::kCells},
    {"a time is its text", "d | o:2024-01-01", "d | t:2024-01-01", Rule::kSame},
    {"spaces at the ends count", "t | t:a", "t | t:a_", Rule::kCells},
    {"unless they are trimmed", "t | t:a", "t | t:_a__", Rule::kSame, Trimmed()},
    {"spaces inside always count", "t | t:a_b", "t | t:a__b", Rule::kCells, Trimmed()},
    {"case of text counts", "t | t:a", "t | t:A", Rule::kCells},
});

TEST(Comparison, HoldsEverySentence) {
  for (const Sentence& sentence : kSentences) {
    const auto verdict = Compare(Table(sentence.expected), Table(sentence.actual), sentence.policy);
    EXPECT_EQ(Name(verdict.rule), Name(sentence.rule)) << sentence.says;
    EXPECT_EQ(verdict.same(), sentence.rule == Rule::kSame) << sentence.says;
  }
}

TEST(Comparison, EveryResultIsTheSameAsItself) {
  for (const Sentence& sentence : kSentences) {
    for (const std::string_view text : {sentence.expected, sentence.actual}) {
      EXPECT_TRUE(Compare(Table(text), Table(text), sentence.policy).same()) << sentence.says;
    }
  }
}

TEST(Comparison, TheFirstDifferingCellIsNamed) {
  const auto verdict = Compare(Table("id name | 1 t:John | 2 t:Jane | 3 t:Jo"),
                               Table("id name | 1 t:John | 2 null | 3 t:X"), Exact());
  ASSERT_TRUE(verdict.first);
  EXPECT_EQ(verdict.first->row, 1U);
  EXPECT_EQ(verdict.first->column, 1U);
  EXPECT_EQ(verdict.first->expected, "Jane");
  EXPECT_EQ(verdict.first->actual, std::nullopt);
}

TEST(Comparison, AStrayRowIsShownBesideTheMissingOneThatIsMostLikeIt) {
  const auto verdict = Compare(Table("id name | 1 t:John | 2 t:Jane | 3 t:Jo"),
                               Table("id name | 3 t:Jo | 2 t:Joan | 9 t:John"), {});
  ASSERT_TRUE(verdict.first);
  EXPECT_EQ(verdict.first->row, 1U);
  EXPECT_EQ(verdict.first->column, 1U);
  EXPECT_EQ(verdict.first->expected, "Jane");
  EXPECT_EQ(verdict.first->actual, "Joan");
  EXPECT_THAT(verdict.missing, ElementsAre(0U, 1U));
  EXPECT_THAT(verdict.extra, ElementsAre(1U, 2U));
}

TEST(Comparison, MissingAndExtraRowsAreCountedAndPlaced) {
  const auto verdict = Compare(Table("id | 1 | 2 | 2 | 3"), Table("id | 2 | 7"), {});
  EXPECT_EQ(verdict.rule, Rule::kRowCount);
  EXPECT_EQ(verdict.missing_rows, 3U);
  EXPECT_EQ(verdict.extra_rows, 1U);
  EXPECT_THAT(verdict.missing, ElementsAre(0U, 2U, 3U));
  EXPECT_THAT(verdict.extra, ElementsAre(1U));
}

TEST(Comparison, TheFirstWrongNameIsNamed) {
  const auto verdict = Compare(Table("id name | 1 t:a"), Table("id nom | 1 t:a"), {});
  ASSERT_TRUE(verdict.first);
  EXPECT_EQ(verdict.first->column, 1U);
  EXPECT_EQ(verdict.first->expected, "name");
  EXPECT_EQ(verdict.first->actual, "nom");
}

TEST(Comparison, ARowOfTheWrongOrderIsNamedAndNoneIsMissing) {
  const auto verdict =
      Compare(Table("k v | 1 t:a | 2 t:b | 3 t:c"), Table("k v | 1 t:a | 3 t:c | 2 t:b"), ByKey());
  ASSERT_TRUE(verdict.first);
  EXPECT_EQ(verdict.first->row, 1U);
  EXPECT_EQ(verdict.first->column, 0U);
  EXPECT_THAT(verdict.missing, IsEmpty());
  EXPECT_THAT(verdict.extra, IsEmpty());
}

TEST(Comparison, ADifferenceIsPlacedInTheLearnersColumns) {
  const auto verdict = Compare(Table("a b | 1 2"), Table("b a | 2 9"), AnyColumns());
  ASSERT_TRUE(verdict.first);
  EXPECT_EQ(verdict.first->column, 1U);
  EXPECT_EQ(verdict.first->expected, "1");
  EXPECT_EQ(verdict.first->actual, "9");
}

ResultSet Numbers(int count, int factor, double noise) {
  ResultSet result{.columns = {{.name = "n"}, {.name = "r"}}, .rows = sql::Rows(2)};
  for (int i = 0; i < count; ++i) {
    const int at = static_cast<int>(std::int64_t{i} * factor % count);
    result.rows.Add(sql::CellType::kInteger, fmt::format("{}", at % 7));
    result.rows.Add(sql::CellType::kReal, fmt::format("{:.17g}", (at * 0.1) + noise));
  }
  return result;
}

TEST(Comparison, ManyRowsInAnotherOrderAndWithNoiseAreTheSame) {
  constexpr int kCount = 20'000;
  EXPECT_TRUE(Compare(Numbers(kCount, 1, 0), Numbers(kCount, 7'919, 1e-12), {}).same());
}

TEST(Comparison, ManyRowsThatAllDifferAreListedUpToTheLimit) {
  constexpr int kCount = 20'000;
  const auto verdict = Compare(Numbers(kCount, 1, 0), Numbers(kCount, 7'919, 0.05), {});
  EXPECT_EQ(verdict.missing_rows, std::size_t{kCount});
  EXPECT_EQ(verdict.missing.size(), kDifferingRowsMax);
}

TEST(Comparison, EveryRuleHasAName) {
  for (int rule = 0; rule <= static_cast<int>(kLastRule); ++rule) {
    EXPECT_FALSE(Name(static_cast<Rule>(rule)).empty());
  }
}

}  // namespace
}  // namespace paddock::challenges
