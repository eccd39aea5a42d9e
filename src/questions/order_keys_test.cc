#include "questions/order_keys.h"

#include <gtest/gtest.h>

namespace paddock::questions {
namespace {

using Keys = std::optional<std::vector<std::size_t>>;

Ordering Of(std::string_view query,
            std::initializer_list<std::string_view> names,
            sql::Dialect dialect = sql::Dialect::kSqlite) {
  std::vector<sql::Column> columns;
  for (const std::string_view name : names) {
    columns.push_back({.name = std::string(name)});
  }
  return OrderingOf(query, columns, dialect);
}

TEST(OrderKeys, ANameANumberAndAnExpressionOfTheListAreColumns) {
  EXPECT_EQ(Of("SELECT a, b FROM t ORDER BY b DESC, a", {"a", "b"}).keys, (Keys{{1, 0}}));
  EXPECT_EQ(Of("SELECT a, b FROM t ORDER BY 2", {"a", "b"}).keys, (Keys{{1}}));
  EXPECT_EQ(Of("SELECT a, COUNT(*) AS n FROM t GROUP BY a ORDER BY count( * ) DESC NULLS LAST",
               {"a", "n"})
                .keys,
            (Keys{{1}}));
  EXPECT_EQ(
      Of("SELECT p.name, c.name AS category FROM p JOIN c ORDER BY p.name;", {"name", "category"})
          .keys,
      (Keys{{0}}));
  EXPECT_EQ(Of("select \"A b\" from t order by \"A b\" collate nocase limit 3", {"A b"}).keys,
            (Keys{{0}}));
}

TEST(OrderKeys, OfAUnionOnlyNamesAndNumbersCount) {
  EXPECT_EQ(Of("SELECT a FROM t UNION SELECT b FROM u ORDER BY a", {"a"}).keys, (Keys{{0}}));
  EXPECT_EQ(Of("SELECT a+1 FROM t UNION SELECT b FROM u ORDER BY 1", {"a+1"}).keys, (Keys{{0}}));
}

TEST(OrderKeys, AnOrderInsideOfBracketsIsNone) {
  for (const std::string_view query :
       {"SELECT a FROM (SELECT a FROM t ORDER BY a)", "SELECT RANK() OVER (ORDER BY a) FROM t",
        "SELECT a FROM t -- ORDER BY a", "SELECT 'ORDER BY a' FROM t", "SELECT a FROM t"}) {
    EXPECT_FALSE(Of(query, {"a"}).is_ordered) << query;
  }
}

TEST(OrderKeys, WhatIsNoColumnForSureMeansTheWholeOrder) {
  for (const std::string_view query :
       {"SELECT a FROM t ORDER BY b",                // not in the result
        "SELECT a FROM t ORDER BY a, b",             // only one of them is
        "SELECT a FROM t ORDER BY a + 1",            // another expression
        "SELECT * FROM t ORDER BY t.a",              // a star hides which
        "SELECT UPPER(a) AS a FROM t ORDER BY t.a",  // the table's, not the column's
        "SELECT a FROM t ORDER BY 7"}) {
    const auto ordering = Of(query, {"a"});
    EXPECT_TRUE(ordering.is_ordered) << query;
    EXPECT_FALSE(ordering.keys.has_value()) << query;
  }
  EXPECT_FALSE(Of("SELECT p.name, c.name FROM p, c ORDER BY name", {"name", "name"}).keys);
}

TEST(OrderKeys, TheLastStatementCounts) {
  EXPECT_FALSE(Of("SELECT a FROM t ORDER BY a; SELECT a FROM t", {"a"}).is_ordered);
  EXPECT_TRUE(Of("SELECT a FROM t; SELECT a FROM t ORDER BY a; -- end", {"a"}).is_ordered);
}

TEST(OrderKeys, ADialectsQuotesAndCommentsAreNotMistaken) {
  EXPECT_FALSE(Of("SELECT a FROM t # ORDER BY a", {"a"}, sql::Dialect::kMariadb).is_ordered);
  EXPECT_FALSE(Of("SELECT $x$ ORDER BY a $x$ FROM t", {"a"}, sql::Dialect::kPostgres).is_ordered);
  EXPECT_FALSE(
      Of("SELECT a FROM t /* /* */ ORDER BY a */", {"a"}, sql::Dialect::kPostgres).is_ordered);
  EXPECT_FALSE(Of("SELECT 'it''s ORDER BY a", {"a"}).is_ordered);
}

}  // namespace
}  // namespace paddock::questions
