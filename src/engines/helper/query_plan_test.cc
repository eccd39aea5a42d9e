#include "engines/helper/query_plan.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "aio/testing/run_on.h"

namespace paddock::engines::helper {
namespace {

struct Line {
  int id;
  int parent;
  std::string detail;
};

aio::Task<bool> Fill(sql::Answer& answer, std::vector<Line> lines) {
  std::vector<sql::Column> columns(4);
  auto begun = co_await answer.Columns(std::move(columns));
  sql::Rows rows(4);
  for (const Line& line : lines) {
    rows.Add(sql::CellType::kInteger, std::to_string(line.id));
    rows.Add(sql::CellType::kInteger, std::to_string(line.parent));
    rows.Add(sql::CellType::kInteger, "0");
    rows.Add(sql::CellType::kText, line.detail);
  }
  auto added = co_await answer.Append(std::move(rows));
  co_return (begun && added);
}

sql::Plan PlanOf(std::vector<Line> lines) {
  boost::asio::io_context loop;
  sql::Answer answer;
  EXPECT_TRUE(aio::testing::RunOn(loop, Fill(answer, std::move(lines))));
  return ReadQueryPlan(answer);
}

TEST(QueryPlan, LinesBecomeATree) {
  const auto plan = PlanOf({{4, 0, "CO-ROUTINE x"},
                            {7, 4, "SCAN items"},
                            {9, 0, "SEARCH parts USING INDEX parts_by_size (size>?)"},
                            {12, 0, "USE TEMP B-TREE FOR ORDER BY"}});
  ASSERT_EQ(plan.root.children.size(), 3U);
  EXPECT_EQ(plan.root.children[0].operation, "CO-ROUTINE");
  EXPECT_EQ(plan.root.children[0].object, "x");
  EXPECT_EQ(plan.root.children[0].children.at(0).object, "items");
  EXPECT_EQ(plan.root.children[1].operation, "SEARCH");
  EXPECT_EQ(plan.root.children[1].object, "parts");
  EXPECT_EQ(plan.root.children[1].details.at(0).second, "USING INDEX parts_by_size (size>?)");
  EXPECT_EQ(plan.root.children[2].operation, "USE TEMP B-TREE FOR ORDER BY");
  EXPECT_EQ(plan.text,
            "QUERY PLAN\n|--CO-ROUTINE x\n|  `--SCAN items\n"
            "|--SEARCH parts USING INDEX parts_by_size (size>?)\n`--USE TEMP B-TREE FOR ORDER BY");
}

TEST(QueryPlan, AParentThatIsNotThereIsTheRoot) {
  const auto plan = PlanOf({{1, 99, "SCAN a"}, {2, 2, "SCAN b"}, {3, 2, "SCAN CONSTANT ROW"}});
  ASSERT_EQ(plan.root.children.size(), 2U);
  EXPECT_EQ(plan.root.children[1].children.at(0).operation, "SCAN CONSTANT ROW");
}

TEST(QueryPlan, ATreeIsNeitherTooDeepNorTooLarge) {
  std::vector<Line> lines;
  for (int i = 1; i <= 20'000; ++i) {
    lines.push_back({i, i - 1, "SCAN a"});
  }
  const auto plan = PlanOf(std::move(lines));
  int depth = 0;
  for (const auto* node = &plan.root; !node->children.empty(); node = &node->children.front()) {
    ++depth;
  }
  EXPECT_LT(depth, 101);
}

}  // namespace
}  // namespace paddock::engines::helper
