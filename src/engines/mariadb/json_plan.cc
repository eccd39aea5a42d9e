#include "engines/mariadb/json_plan.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include <boost/json/array.hpp>

#include "engines/json/plan_json.h"

namespace paddock::engines::mariadb {
namespace {

namespace json = boost::json;

// What PlanNode has a place of its own for.
constexpr std::array<std::string_view, 10> kPlaced{
    "table_name",      "access_type",     "rows",    "cost",         "r_rows", "r_table_time_ms",
    "r_other_time_ms", "r_total_time_ms", "r_loops", "r_output_rows"};
// Objects that describe their step, and are none.
constexpr std::array<std::string_view, 4> kDescriptions{
    "r_engine_stats", "query_optimization", "r_icp_filtered", "range-checked-for-each-record"};

template <std::size_t size>
bool IsOneOf(const std::array<std::string_view, size>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// "nested_loop" is for programs.
std::string Readable(std::string_view key) {
  std::string text(key);
  std::ranges::replace(text, '_', ' ');
  return text;
}

std::optional<double> First(const json::object& object, std::string_view key, const char* other) {
  auto number = NumberOf(object, key);
  return number ? number : NumberOf(object, other);
}

class Reader {
 public:
  /// False: too many steps.
  [[nodiscard]] bool Read(std::string_view key, const json::object& object, sql::PlanNode& node) {
    if (++node_count_ > kPlanNodesMax) {
      return false;
    }
    SetFigures(key, object, node);
    for (const auto& [name, value] : object) {
      const std::string_view member = name;
      if (!IsOneOf(kPlaced, member) && !ReadMember(member, value, node)) {
        return false;
      }
    }
    return true;
  }

 private:
  static void SetFigures(std::string_view key, const json::object& object, sql::PlanNode& node) {
    const std::string access = TextOf(object, "access_type");
    node.operation = access.empty() ? Readable(key) : access;
    node.object = TextOf(object, "table_name");
    node.cost = NumberOf(object, "cost");
    node.rows = NumberOf(object, "rows");
    node.actual_rows = First(object, "r_rows", "r_output_rows");
    node.actual_time = First(object, "r_total_time_ms", "r_table_time_ms");
    if (const auto other = NumberOf(object, "r_other_time_ms"); other && node.actual_time) {
      node.actual_time = *node.actual_time + *other;
    }
    const auto loops = NumberOf(object, "r_loops");
    if (loops && *loops >= 0 && *loops < 1e18) {
      node.loops = static_cast<std::uint64_t>(*loops);
    }
  }

  [[nodiscard]] bool ReadMember(std::string_view key,
                                const json::value& value,
                                sql::PlanNode& node) {
    const json::object* object = value.if_object();
    if (object != nullptr && !IsOneOf(kDescriptions, key)) {
      sql::PlanNode child;
      const bool is_good = Read(key, *object, child);
      node.children.push_back(std::move(child));
      return is_good;
    }
    const json::array* steps = value.if_array();
    if (steps != nullptr && !steps->empty() && steps->front().is_object()) {
      return ReadSteps(key, *steps, node);
    }
    node.details.emplace_back(Readable(key), TextOf(value));
    return true;
  }

  // Several steps are a step of their own, "nested loop"; a single one needs none.
  [[nodiscard]] bool ReadSteps(std::string_view key,
                               const json::array& steps,
                               sql::PlanNode& node) {
    sql::PlanNode group{.operation = Readable(key)};
    for (const json::value& each : steps) {
      const json::object* object = each.if_object();
      if (object == nullptr) {
        continue;
      }
      for (const auto& [name, value] : *object) {
        if (!ReadMember(name, value, group)) {
          return false;
        }
      }
    }
    if (group.children.size() == 1 && group.details.empty()) {
      node.children.push_back(std::move(group.children.front()));
    } else {
      node.children.push_back(std::move(group));
    }
    return true;
  }

  std::size_t node_count_ = 0;
};

}  // namespace

Result<sql::Plan> ReadJsonPlan(std::string_view text, bool analyzed) {
  auto parsed = ParsePlan(text);
  if (!parsed) {
    return Fail(std::move(parsed).error());
  }
  const json::object* whole = parsed->if_object();
  const json::value* block = whole == nullptr ? nullptr : whole->if_contains("query_block");
  if (block == nullptr || !block->is_object()) {
    return Fail(Code::kUnavailable, "the database's plan has another form than is known");
  }
  sql::Plan plan{.root = {}, .analyzed = analyzed, .text = std::string(text)};
  Reader reader;
  if (!reader.Read("query_block", block->get_object(), plan.root)) {
    return Fail(Code::kUnavailable, "the database's plan is too large to be shown");
  }
  plan.execution_time = plan.root.actual_time;
  const json::value* optimization = whole->if_contains("query_optimization");
  if (optimization != nullptr && optimization->is_object()) {
    plan.planning_time = NumberOf(optimization->get_object(), "r_total_time_ms");
  }
  return plan;
}

}  // namespace paddock::engines::mariadb
