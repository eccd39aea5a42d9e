#include "engines/helper/query_plan.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <utility>
#include <vector>

namespace paddock::engines::helper {
namespace {

constexpr std::size_t kNodesMax = 5'000;
constexpr std::size_t kDepthMax = 100;
// The words that begin a line which goes on with the name of a table.
constexpr std::array<std::string_view, 5> kOfTables{"SCAN ", "SEARCH ", "CO-ROUTINE ",
                                                    "MATERIALIZE ", "BLOOM FILTER ON "};
constexpr std::array<std::string_view, 2> kAfterName{" USING ", " ("};

struct Line {
  std::string detail;
  std::size_t depth = 0;
  std::vector<std::size_t> children = {};  // NOLINT: may be left out
};

// "SEARCH parts USING INDEX parts_by_size (size>?)": what, on what, and how.
sql::PlanNode ReadDetail(std::string_view detail) {
  for (const std::string_view operation : kOfTables) {
    if (!detail.starts_with(operation) || detail == "SCAN CONSTANT ROW") {
      continue;
    }
    sql::PlanNode node{.operation = std::string(operation.substr(0, operation.size() - 1))};
    const auto rest = detail.substr(operation.size());
    auto end = rest.size();
    for (const std::string_view after : kAfterName) {
      end = std::min(end, rest.find(after));
    }
    node.object = rest.substr(0, end);
    if (end < rest.size()) {
      node.details.emplace_back("access", rest.substr(end + 1));
    }
    return node;
  }
  return {.operation = std::string(detail)};
}

class Tree {
 public:
  Tree() { lines_.push_back({.detail = "QUERY PLAN"}); }

  void Add(const std::string& id, const std::string& parent, std::string detail) {
    if (lines_.size() == kNodesMax) {
      return;
    }
    const auto found = places_.find(parent);
    const auto above = found == places_.end() ? 0 : found->second;
    places_[id] = lines_[above].depth + 1 == kDepthMax ? above : lines_.size();
    lines_[above].children.push_back(lines_.size());
    lines_.push_back({.detail = std::move(detail), .depth = lines_[above].depth + 1});
  }

  [[nodiscard]] sql::PlanNode Node(std::size_t place) const {
    auto node = ReadDetail(lines_[place].detail);
    for (const auto child : lines_[place].children) {
      node.children.push_back(Node(child));
    }
    return node;
  }

  // As the shell of SQLite draws it.
  void Draw(std::size_t place, const std::string& indent, std::string& out) const {
    const auto& children = lines_[place].children;
    for (const auto child : children) {
      const bool is_last = child == children.back();
      out += "\n" + indent + (is_last ? "`--" : "|--") + lines_[child].detail;
      Draw(child, indent + (is_last ? "   " : "|  "), out);
    }
  }

 private:
  std::vector<Line> lines_;
  std::map<std::string, std::size_t> places_;  // of ids
};

}  // namespace

sql::Plan ReadQueryPlan(const sql::Answer& answer) {
  constexpr std::size_t kDetailColumn = 3;
  Tree tree;
  for (const sql::AnswerRow& row : answer.table(0).rows()) {
    tree.Add(row.String(0), row.String(1), row.String(kDetailColumn));
  }
  sql::Plan plan{.root = tree.Node(0), .text = "QUERY PLAN"};
  tree.Draw(0, "", plan.text);
  return plan;
}

}  // namespace paddock::engines::helper
