// EngineFixture: a host's engine with sessions, for suites of tests over all engines.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "aio/testing/run_on.h"
#include "sql/testing/breakable_dialer.h"
#include "sql/testing/engine_host.h"
#include "sql/testing/recording_sink.h"

namespace paddock::sql::testing {

class EngineFixture : public ::testing::TestWithParam<EngineUnderTest> {
 protected:
  using Row = RecordingSink::Row;

  void SetUp() override {
    host_ = GetParam().make();
    if (const std::string missing = host_->missing(); !missing.empty()) {
      GTEST_SKIP() << missing;
    }
    dialer_ = std::make_shared<BreakableDialer>(host_->MakeDialer(loop_));
    session_ = MustOpen();
  }
  void TearDown() override {
    session_.reset();
    loop_.restart();
    loop_.poll();  // what the session left to be done
  }

  [[nodiscard]] const EngineTexts& texts() const { return host_->texts(); }
  static Deadline Soon() { return Deadline::After(std::chrono::seconds(30)); }
  template <class T>
  T Await(aio::Task<T> task) {
    return aio::testing::RunUntilDone(loop_, std::move(task));
  }
  template <class T>
  static Code CodeOf(const Result<T>& result) {
    EXPECT_FALSE(result);
    return result ? Code::kInternal : result.error().code;
  }

  Result<std::unique_ptr<Session>> Open(OpenSpec spec, std::shared_ptr<Dialer> dialer) {
    return Await(
        host_->engine().Open(loop_.get_executor(), std::move(spec), std::move(dialer), Soon()));
  }
  std::unique_ptr<Session> MustOpen() {
    auto opened = Open(host_->spec(), dialer_);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? *std::move(opened) : nullptr;
  }

  Result<StatementOutcome> Execute(Session& session, std::string statement, RecordingSink& sink) {
    return Await(session.Execute(std::move(statement), sink, Soon()));
  }
  /// What a statement gives that must succeed, on the fixture's session or another.
  RecordingSink MustRun(const std::string& statement) { return MustRun(*session_, statement); }
  RecordingSink MustRun(Session& session, const std::string& statement) {
    RecordingSink sink;
    const auto outcome = Execute(session, statement, sink);
    EXPECT_TRUE(outcome) << statement << ": " << outcome.error().message;
    EXPECT_FALSE(outcome && *outcome) << statement << ": " << (*outcome)->message;
    EXPECT_FALSE(sink.results.empty()) << statement;
    if (sink.results.empty()) {
      sink.results.emplace_back();
    }
    return sink;
  }
  std::vector<Row> RowsOf(const std::string& statement) { return RowsOf(*session_, statement); }
  std::vector<Row> RowsOf(Session& session, const std::string& statement) {
    return MustRun(session, statement).results.front().rows;
  }
  /// The error of a statement that must fail; the session stays open.
  StatementError MustFail(const std::string& statement) { return MustFail(*session_, statement); }
  StatementError MustFail(Session& session, const std::string& statement) {
    RecordingSink sink;
    const auto outcome = Execute(session, statement, sink);
    EXPECT_TRUE(outcome) << statement << ": " << outcome.error().message;
    EXPECT_TRUE(outcome && *outcome) << statement << " should have failed";
    EXPECT_TRUE(session.is_open());
    return outcome && *outcome ? **outcome : StatementError{};
  }
  void ExpectUsable(Session& session) {
    EXPECT_TRUE(session.is_open());
    EXPECT_EQ(RowsOf(session, "SELECT 42"), std::vector<Row>{{"42"}});
  }

  /// Two tables, one of which refers to the other, with three rows and one.
  void MakeTables() {
    MustRun("CREATE TABLE items (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL UNIQUE)");
    MustRun(
        "CREATE TABLE parts (id INTEGER PRIMARY KEY, item INTEGER, size INTEGER DEFAULT 7, "
        "FOREIGN KEY (item) REFERENCES items (id))");
    MustRun("CREATE INDEX parts_by_size ON parts (size)");
    MustRun("INSERT INTO items VALUES (1, 'one'), (2, 'two'), (3, 'three')");
    MustRun("INSERT INTO parts VALUES (10, 1, 5)");
  }

  boost::asio::io_context loop_;
  std::unique_ptr<EngineHost> host_;
  std::shared_ptr<BreakableDialer> dialer_;
  std::unique_ptr<Session> session_;
};

}  // namespace paddock::sql::testing
