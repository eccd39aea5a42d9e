#include "engines/postgres/json_plan.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include <boost/json/array.hpp>

#include "engines/json/plan_json.h"

namespace paddock::engines::postgres {
namespace {

namespace json = boost::json;

// What PlanNode has a place of its own for, or a tree shows by itself.
constexpr std::array<std::string_view, 9> kPlaced{
    "Node Type",     "Plans",        "Total Cost",        "Plan Rows",
    "Actual Rows",   "Actual Loops", "Actual Total Time", "Actual Startup Time",
    "Parallel Aware"};

std::string ObjectOf(const json::object& node) {
  for (const char* key : {"Relation Name", "CTE Name", "Function Name", "Index Name"}) {
    if (std::string name = TextOf(node, key); !name.empty()) {
      return name;
    }
  }
  return "";
}

Result<sql::PlanNode> ReadNode(const json::value& value, std::size_t& node_count) {
  if (!value.is_object() || ++node_count > kPlanNodesMax) {
    return Fail(Code::kUnavailable, "the database's plan has another form than is known");
  }
  const json::object& object = value.get_object();
  sql::PlanNode node{.operation = TextOf(object, "Node Type"),
                     .object = ObjectOf(object),
                     .cost = NumberOf(object, "Total Cost"),
                     .rows = NumberOf(object, "Plan Rows"),
                     .actual_rows = NumberOf(object, "Actual Rows")};
  if (const auto loops = NumberOf(object, "Actual Loops"); loops && *loops >= 0 && *loops < 1e18) {
    node.loops = static_cast<std::uint64_t>(*loops);
  }
  if (const auto time = NumberOf(object, "Actual Total Time"); time && node.loops) {
    node.actual_time = *time * static_cast<double>(*node.loops);
  }
  for (const auto& [key, detail] : object) {
    if (std::ranges::find(kPlaced, std::string_view(key)) == kPlaced.end()) {
      node.details.emplace_back(std::string(std::string_view(key)), TextOf(detail));
    }
  }
  const json::value* children = object.if_contains("Plans");
  if (children != nullptr && children->is_array()) {
    for (const json::value& each : children->get_array()) {
      auto child = ReadNode(each, node_count);
      if (!child) {
        return child;
      }
      node.children.push_back(*std::move(child));
    }
  }
  return node;
}

}  // namespace

// One statement, unless a rule has made several of it, or none.
Result<sql::Plan> ReadJsonPlan(std::string_view text, bool analyzed) {
  auto parsed = ParsePlan(text);
  if (!parsed) {
    return Fail(std::move(parsed).error());
  }
  sql::Plan plan{.root = {.operation = "Nothing"}, .analyzed = analyzed, .text = std::string(text)};
  if (!parsed->is_array()) {
    return Fail(Code::kUnavailable, "the database's plan has another form than is known");
  }
  std::vector<sql::PlanNode> roots;
  std::size_t node_count = 0;
  for (const json::value& each : parsed->get_array()) {
    const json::object* statement = each.if_object();
    const json::value* top = statement == nullptr ? nullptr : statement->if_contains("Plan");
    if (top == nullptr) {
      roots.push_back({.operation = TextOf(each)});
      continue;
    }
    auto root = ReadNode(*top, node_count);
    if (!root) {
      return Fail(std::move(root).error());
    }
    roots.push_back(*std::move(root));
    plan.planning_time = NumberOf(*statement, "Planning Time");
    plan.execution_time = NumberOf(*statement, "Execution Time");
  }
  if (roots.size() == 1) {
    plan.root = std::move(roots.front());
  } else if (!roots.empty()) {
    plan.root = {.operation = "Statements", .children = std::move(roots)};
  }
  return plan;
}

}  // namespace paddock::engines::postgres
