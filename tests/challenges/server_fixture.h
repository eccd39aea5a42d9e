// ServerRunnerTest: challenges on a real database server, as learners run them; its parameter says
// on which.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "aio/testing/run_on.h"
#include "challenge_host.h"
#include "runners/server/server_runner.h"

namespace paddock::testing {

using challenges::LimitHit;
using challenges::RunOutcomeRef;
using challenges::RunRequest;
using challenges::SchemaRef;

class ServerRunnerTest : public ::testing::TestWithParam<ServerUnderTest> {
 protected:
  static Deadline Soon() { return Deadline::After(std::chrono::seconds(60)); }

  void SetUp() override {
    if (!host().missing().empty()) {
      GTEST_SKIP() << host().missing();
    }
    UseSchema(texts().script);
    StartRunner();
  }
  void TearDown() override { StopRunner(); }

  [[nodiscard]] ChallengeHost& host() { return *host_; }
  [[nodiscard]] const ChallengeTexts& texts() const { return host_->texts(); }
  [[nodiscard]] const SchemaRef& schema() const { return schema_; }
  /// What runs are on from now on.
  void UseSchema(std::string script) {
    schema_ = challenges::MakeSchema(host_->dialect(), std::move(script));
  }

  /// By default with few databases, for making one takes its time where no memory disk is.
  void StartRunner(runners::server::ClonePoolConfig config = {.ready_max = 2, .clones_max = 8}) {
    databases_ = host_->MakeDatabases(loop_.get_executor());
    runner_ =
        std::make_unique<runners::server::ServerRunner>(loop_.get_executor(), *databases_, config);
  }
  void StopRunner() {
    if (runner_ != nullptr) {
      aio::testing::RunUntilDone(loop_, Stop(*runner_));
    }
    runner_.reset();
    databases_.reset();
    loop_.restart();
    loop_.poll();
  }

  Result<RunOutcomeRef> Run(RunRequest request) {
    return aio::testing::RunUntilDone(loop_, runner_->Run(std::move(request), Soon()));
  }
  Result<RunOutcomeRef> Run(std::string query) {
    return Run({.schema = schema(), .query = std::move(query)});
  }
  RunOutcomeRef MustRun(RunRequest request) {
    const std::string query = request.query;
    auto outcome = Run(std::move(request));
    EXPECT_TRUE(outcome) << query << ": " << outcome.error().message;
    return outcome ? *outcome : std::make_shared<const challenges::RunOutcome>();
  }
  RunOutcomeRef MustRun(std::string query) {
    return MustRun({.schema = schema(), .query = std::move(query)});
  }
  /// Its error's code; the run itself must not fail.
  std::string ErrorOf(const std::string& query) {
    const auto outcome = MustRun(query);
    EXPECT_TRUE(outcome->error || outcome->limit != LimitHit::kNone) << query << " went well";
    return outcome->error ? outcome->error->code : "";
  }

  static std::string Shown(const challenges::ResultSet& result) {
    std::string shown;
    for (std::size_t row = 0; row < result.rows.row_count(); ++row) {
      shown += row == 0 ? "" : ";";
      for (std::size_t column = 0; column < result.rows.column_count(); ++column) {
        const sql::Cell cell = result.rows.At(row, column);
        shown += column == 0 ? "" : ",";
        shown += cell.is_null() ? "NULL" : std::string(cell.text);
      }
    }
    return shown;
  }
  /// The last result, "1,a;2,b", or what was wrong.
  static std::string Shown(const RunOutcomeRef& outcome) {
    if (outcome->error) {
      return outcome->error->code + " " + outcome->error->message;
    }
    if (outcome->limit != LimitHit::kNone) {
      return "a limit";
    }
    return outcome->results.empty() ? "nothing" : Shown(outcome->results.back());
  }
  std::string Says(std::string query) { return Shown(MustRun(std::move(query))); }

  /// Runs all at once.
  std::vector<Result<RunOutcomeRef>> RunAll(const std::vector<std::string>& queries) {
    std::vector<Result<RunOutcomeRef>> outcomes(queries.size(), Fail(Code::kInternal, "not run"));
    aio::TaskScope scope(loop_.get_executor());
    for (std::size_t i = 0; i < queries.size(); ++i) {
      scope.Spawn(RunInto({.schema = schema(), .query = queries[i]}, outcomes[i]));
    }
    aio::testing::RunUntilDone(loop_, JoinAll(scope));
    return outcomes;
  }

  boost::asio::io_context loop_;
  std::unique_ptr<ChallengeHost> host_ = GetParam().make();
  std::unique_ptr<runners::server::Databases> databases_;
  std::unique_ptr<runners::server::ServerRunner> runner_;
  SchemaRef schema_;

 private:
  static aio::Task<int> Stop(runners::server::ServerRunner& runner) {
    co_await runner.Stop();
    co_return 0;
  }
  static aio::Task<int> JoinAll(aio::TaskScope& scope) {
    co_await scope.Join();
    co_return 0;
  }
  aio::Task<void> RunInto(RunRequest request, Result<RunOutcomeRef>& outcome) {
    outcome = co_await runner_->Run(std::move(request), Soon());
  }
};

/// What every server passes: server_contract_test.cc.
class ServerContract : public ServerRunnerTest {};

}  // namespace paddock::testing
