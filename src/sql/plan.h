// Plan: how a database means to run a statement, as a tree that every engine's EXPLAIN fits into.
//
// Made by the engines, drawn by the workbench. Threading: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace paddock::sql {

struct PlanNode {
  std::string operation;                             // "Hash Join", "SCAN", "ALL"
  std::string object = {};                           // NOLINT: the table or index it works on
  std::optional<double> cost = std::nullopt;         // total, in the engine's own unit
  std::optional<double> rows = std::nullopt;         // estimated, of one loop
  std::optional<double> actual_rows = std::nullopt;  // when it was run; of one loop
  std::optional<double> actual_time = std::nullopt;  // milliseconds, all loops
  std::optional<std::uint64_t> loops = std::nullopt;
  std::vector<std::pair<std::string, std::string>> details = {};  // NOLINT: whatever else it said
  std::vector<PlanNode> children = {};                            // NOLINT: may be left out
};

struct Plan {
  PlanNode root;
  bool analyzed = false;
  std::optional<double> planning_time = std::nullopt;   // milliseconds
  std::optional<double> execution_time = std::nullopt;  // milliseconds
  std::string text = {};  // NOLINT: the engine's own form, for whoever wants it whole
};

}  // namespace paddock::sql
