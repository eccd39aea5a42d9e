#include "engines/postgres/table_plan.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace paddock::engines::postgres {
namespace {

constexpr std::size_t kStepsMax = 10'000;
constexpr std::size_t kDepthMax = 200;

/// A step's name and how far it is from the left, in characters.
struct Step {
  std::size_t indent = 0;
  std::string_view name;
};

Step ReadStep(std::string_view tree) {
  constexpr std::array<std::string_view, 6> kLines{" ", "│", "├", "└", "─", "•"};
  Step step{.name = tree};
  bool goes_on = true;
  while (goes_on) {
    goes_on = false;
    for (const std::string_view line : kLines) {
      if (step.name.starts_with(line)) {
        step.name.remove_prefix(line.size());
        ++step.indent;
        goes_on = true;
        break;
      }
    }
  }
  const auto last = step.name.find_last_not_of(' ');
  step.name = step.name.substr(0, last == std::string_view::npos ? 0 : last + 1);
  return step;
}

void AddField(sql::PlanNode& node, std::string_view field, std::string_view description) {
  if (field.empty() && description.empty()) {
    return;
  }
  if (field == "table" || field == "ts-table") {
    node.object = description;
  }
  if (field == "estimated row count" || field == "row count") {
    double rows = 0;
    const char* const begin = description.data();
    const auto read = std::from_chars(begin, begin + description.size(), rows);
    if (read.ec == std::errc()) {
      node.rows = rows;
    }
  }
  node.details.emplace_back(field, description);
}

/// The steps that have been read but may still get children, each below the one before.
class Open {
 public:
  explicit Open(sql::PlanNode root) { levels_.push_back({.node = std::move(root)}); }

  [[nodiscard]] bool Add(const Step& step) {
    while (levels_.size() > 1 && levels_.back().indent >= step.indent) {
      CloseLast();
    }
    levels_.push_back({.indent = step.indent, .node = {.operation = std::string(step.name)}});
    return levels_.size() <= kDepthMax;
  }
  [[nodiscard]] sql::PlanNode& last() { return levels_.back().node; }
  [[nodiscard]] sql::PlanNode Finish() {
    while (levels_.size() > 1) {
      CloseLast();
    }
    return std::move(levels_.front().node);
  }

 private:
  struct Level {
    std::size_t indent = 0;
    sql::PlanNode node;
  };
  void CloseLast() {
    sql::PlanNode done = std::move(levels_.back().node);
    levels_.pop_back();
    levels_.back().node.children.push_back(std::move(done));
  }
  std::vector<Level> levels_;
};

}  // namespace

Result<sql::Plan> ReadTablePlan(const sql::AnswerTable& answer) {
  const auto tree = answer.Find("tree");
  const auto field = answer.Find("field");
  const auto description = answer.Find("description");
  if (!tree || !field || !description) {
    return Fail(Code::kUnavailable, "the database's plan has another form than is known");
  }
  Open open(sql::PlanNode{.operation = "Plan"});
  sql::Plan plan;
  std::size_t step_count = 0;
  for (const sql::AnswerRow& row : answer.rows()) {
    const Step step = ReadStep(row.Text(*tree));
    if (!step.name.empty() && (++step_count > kStepsMax || !open.Add(step))) {
      return Fail(Code::kUnavailable, "the database's plan is too large to be shown");
    }
    AddField(open.last(), row.Text(*field), row.Text(*description));
    for (const std::size_t column : {*tree, *field, *description}) {
      plan.text += row.Text(column);
      plan.text += column == *description ? '\n' : '\t';
    }
  }
  plan.root = open.Finish();
  // What is said of the whole stands before the first step, and is its as well when it is alone.
  if (plan.root.children.size() == 1) {
    sql::PlanNode only = std::move(plan.root.children.front());
    only.details.insert(only.details.begin(), plan.root.details.begin(), plan.root.details.end());
    plan.root = std::move(only);
  }
  return plan;
}

}  // namespace paddock::engines::postgres
