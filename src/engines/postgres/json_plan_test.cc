#include "engines/postgres/json_plan.h"

#include <string>

#include <gtest/gtest.h>

namespace paddock::engines::postgres {
namespace {

constexpr std::string_view kAnalyzed = R"json([
  {
    "Plan": {
      "Node Type": "Hash Join",
      "Parallel Aware": false,
      "Async Capable": false,
      "Join Type": "Inner",
      "Startup Cost": 27.70,
      "Total Cost": 64.21,
      "Plan Rows": 200,
      "Plan Width": 16,
      "Actual Startup Time": 0.030,
      "Actual Total Time": 0.045,
      "Actual Rows": 3,
      "Actual Loops": 1,
      "Hash Cond": "(parts.item = items.id)",
      "Shared Hit Blocks": 2,
      "Plans": [
        {
          "Node Type": "Seq Scan",
          "Parent Relationship": "Outer",
          "Relation Name": "parts",
          "Alias": "parts",
          "Total Cost": 30.40,
          "Plan Rows": 2040,
          "Actual Total Time": 0.005,
          "Actual Rows": 3,
          "Actual Loops": 4
        },
        {
          "Node Type": "Index Only Scan",
          "Index Name": "items_pkey",
          "Total Cost": 17.80
        }
      ]
    },
    "Planning Time": 0.120,
    "Triggers": [
    ],
    "Execution Time": 0.080
  }
])json";

TEST(PostgresPlan, ATreeKeepsItsFigures) {
  const auto plan = ReadJsonPlan(kAnalyzed, true);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_TRUE(plan->analyzed);
  EXPECT_EQ(plan->planning_time, 0.120);
  EXPECT_EQ(plan->execution_time, 0.080);
  EXPECT_EQ(plan->text, kAnalyzed);
  const sql::PlanNode& root = plan->root;
  EXPECT_EQ(root.operation, "Hash Join");
  EXPECT_EQ(root.cost, 64.21);
  EXPECT_EQ(root.rows, 200);
  EXPECT_EQ(root.actual_rows, 3);
  EXPECT_EQ(root.loops, 1U);
  const std::pair<std::string, std::string> condition{"Hash Cond", "(parts.item = items.id)"};
  EXPECT_EQ(std::ranges::count(root.details, condition), 1);
  ASSERT_EQ(root.children.size(), 2U);
  EXPECT_EQ(root.children[0].object, "parts");
  EXPECT_DOUBLE_EQ(root.children[0].actual_time.value_or(0), 0.020);
  EXPECT_EQ(root.children[1].object, "items_pkey");
  EXPECT_EQ(root.children[1].actual_rows, std::nullopt);
}

TEST(PostgresPlan, ARuleMayMakeSeveralPlansOfAStatementOrNone) {
  const auto several =
      ReadJsonPlan(R"([{"Plan":{"Node Type":"A"}},{"Plan":{"Node Type":"B"}}])", false);
  ASSERT_TRUE(several);
  ASSERT_EQ(several->root.children.size(), 2U);
  EXPECT_EQ(several->root.children[1].operation, "B");
  const auto none = ReadJsonPlan("[]", false);
  ASSERT_TRUE(none);
  EXPECT_EQ(none->root.operation, "Nothing");
}

TEST(PostgresPlan, WhatIsNoPlanIsRefused) {
  for (const std::string text : {"", "{}", "[", R"([{"Plan":1}])", R"([{"Plan":{"Plans":[1]}}])"}) {
    EXPECT_FALSE(ReadJsonPlan(text, false)) << text;
  }
  std::string deep = R"([{"Plan":)";
  for (int i = 0; i < 1'000; ++i) {
    deep += R"({"Node Type":"x","Plans":[)";
  }
  EXPECT_FALSE(ReadJsonPlan(deep, false));
}

}  // namespace
}  // namespace paddock::engines::postgres
