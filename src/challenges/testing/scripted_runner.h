// ScriptedRunner: a Runner in memory that gives what a test has put into it, and counts.
//
// Threading: loop thread.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "aio/condition.h"
#include "challenges/runner.h"

namespace paddock::challenges::testing {

class ScriptedRunner final : public Runner {
 public:
  /// What Run answers; by default one row with the query's text.
  std::function<Result<RunOutcome>(const RunRequest&)> answer = &Echo;
  /// While it is true, runs wait for `released`.
  bool is_held = false;
  aio::Condition released;
  int run_count = 0;
  RunRequest asked;  // the last

  [[nodiscard]] static RunOutcome Echo(const RunRequest& request) {
    RunOutcome outcome{.engine_version = "Echo 1"};
    ResultSet set{.columns = {{.name = "query"}}, .rows = sql::Rows(1)};
    set.rows.Add(sql::CellType::kText, request.query);
    outcome.results.push_back(std::move(set));
    return outcome;
  }

  aio::Task<Result<RunOutcomeRef>> Run(RunRequest request, Deadline deadline) override {
    ++run_count;
    while (is_held) {
      auto woken = co_await released.Wait(deadline);
      if (!woken) {
        co_return Fail(std::move(woken).error());
      }
    }
    auto outcome = answer(request);
    asked = std::move(request);
    if (!outcome) {
      co_return Fail(std::move(outcome).error());
    }
    co_return std::make_shared<const RunOutcome>(*std::move(outcome));
  }
};

}  // namespace paddock::challenges::testing
