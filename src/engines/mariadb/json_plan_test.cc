#include "engines/mariadb/json_plan.h"

#include <string>

#include <gtest/gtest.h>

namespace paddock::engines::mariadb {
namespace {

constexpr std::string_view kAnalyzed = R"json({
  "query_optimization": { "r_total_time_ms": 0.18 },
  "query_block": {
    "select_id": 1,
    "r_loops": 1,
    "r_total_time_ms": 0.57,
    "filesort": {
      "sort_key": "count(0)",
      "r_loops": 1,
      "r_output_rows": 5,
      "temporary_table": {
        "nested_loop": [
          {
            "table": {
              "table_name": "b",
              "access_type": "index",
              "key": "aid",
              "used_key_parts": ["aid"],
              "r_loops": 1,
              "rows": 500,
              "r_rows": 499,
              "r_table_time_ms": 0.05,
              "r_other_time_ms": 0.03,
              "r_engine_stats": { "pages_accessed": 1 },
              "filtered": 100
            }
          },
          {
            "table": {
              "table_name": "a",
              "access_type": "eq_ref",
              "r_loops": 500,
              "rows": 1
            }
          }
        ],
        "subqueries": [
          {
            "query_block": {
              "select_id": 2,
              "nested_loop": [ { "table": { "table_name": "c", "access_type": "ALL" } } ]
            }
          }
        ]
      }
    }
  }
})json";

TEST(MariadbPlan, ATreeKeepsItsFigures) {
  const auto plan = ReadJsonPlan(kAnalyzed, true);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_TRUE(plan->analyzed);
  EXPECT_EQ(plan->planning_time, 0.18);
  EXPECT_EQ(plan->execution_time, 0.57);
  EXPECT_EQ(plan->text, kAnalyzed);
  EXPECT_EQ(plan->root.operation, "query block");
  ASSERT_EQ(plan->root.children.size(), 1U);
  const sql::PlanNode& sort = plan->root.children[0];
  EXPECT_EQ(sort.operation, "filesort");
  EXPECT_EQ(sort.actual_rows, 5);
  ASSERT_EQ(sort.children.size(), 1U);
  const sql::PlanNode& temporary = sort.children[0];
  ASSERT_EQ(temporary.children.size(), 2U);
  const sql::PlanNode& loop = temporary.children[0];
  EXPECT_EQ(loop.operation, "nested loop");
  ASSERT_EQ(loop.children.size(), 2U);
  EXPECT_EQ(loop.children[0].operation, "index");
  EXPECT_EQ(loop.children[0].object, "b");
  EXPECT_EQ(loop.children[0].rows, 500);
  EXPECT_EQ(loop.children[0].actual_rows, 499);
  EXPECT_DOUBLE_EQ(loop.children[0].actual_time.value_or(0), 0.08);
  EXPECT_EQ(loop.children[1].loops, 500U);
  EXPECT_TRUE(loop.children[0].children.empty());
  const sql::PlanNode& subquery = temporary.children[1];
  EXPECT_EQ(subquery.operation, "query block");
  ASSERT_EQ(subquery.children.size(), 1U);
  EXPECT_EQ(subquery.children[0].object, "c");
}

TEST(MariadbPlan, AStatementWithoutTablesIsAPlanToo) {
  const auto plan = ReadJsonPlan(
      R"({"query_block":{"select_id":1,"table":{"message":"No tables used"}}})", false);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->root.children.size(), 1U);
  EXPECT_EQ(plan->root.children[0].operation, "table");
  EXPECT_EQ(plan->root.children[0].details.front().second, "No tables used");
}

TEST(MariadbPlan, WhatIsNoPlanIsRefused) {
  for (const std::string text : {"", "[]", "{", "{}", R"({"query_block":[]})"}) {
    EXPECT_FALSE(ReadJsonPlan(text, false)) << text;
  }
  std::string deep = R"({"query_block":)";
  for (int i = 0; i < 1'000; ++i) {
    deep += R"({"table":)";
  }
  EXPECT_FALSE(ReadJsonPlan(deep, false));
}

}  // namespace
}  // namespace paddock::engines::mariadb
