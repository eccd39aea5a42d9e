// Cases: the cases of cases.txt, which says how they are written.
//
// Used by the tests of every runner and of every front end before them. A mistake in the file ends
// the test. Threading: plain values.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "challenges/runner.h"

namespace paddock::challenges::testing {

struct Case {
  // NOLINTBEGIN(readability-redundant-member-init): each may be left out
  std::string id;
  std::string title;
  std::string script = {};
  std::string query = {};
  ShimSet shims = 0;
  RunLimits limits = {};
  std::optional<Shim> only = std::nullopt;    // where the engine can call it
  std::optional<Shim> unless = std::nullopt;  // where it cannot

  // What must come of it; exactly one kind is there.
  std::vector<std::string> results = {};  // each as Render gives it
  bool nothing = false;
  std::string error = {};
  std::string schema_error = {};
  LimitHit limit = LimitHit::kNone;
  // JSON that the older front ends answer with; empty where the case says nothing of them.
  std::string v1 = {};
  std::string v2 = {};
  std::string reference = {};  // of the question, where the case says how the two compare
  std::string compare = {};    // JSON
  // NOLINTEND(readability-redundant-member-init)
};

[[nodiscard]] std::vector<Case> ReadCases(const std::string& path);

/// Names, then rows, a line each; cells between " | ", as SQL writes literals.
[[nodiscard]] std::string Render(const ResultSet& result);

}  // namespace paddock::challenges::testing
