// ScriptedEngine: a database whose statements say what it is to do.
//
//   rows N            a result of N rows: n (int8) from 1, t (text)
//   rows N then fail  the same, and then an error at position 3
//   fail              an error at position 2
//   wait              until it is cancelled
//   lose              the connection ends
//   begin, notice, huge (a row of 9 MiB), two (two results)
//
// Threading: loop thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "aio/condition.h"
#include "sql/engine.h"

namespace paddock::sqlrunner::testing {

class ScriptedSession final : public sql::Session {
 public:
  explicit ScriptedSession(sql::OpenSpec spec) : spec_(std::move(spec)) {}
  aio::Task<Result<sql::StatementOutcome>> Execute(std::string statement,
                                                   sql::ResultSink& sink,
                                                   Deadline deadline) override;
  aio::Task<Result<void>> Cancel(Deadline deadline) override;
  aio::Task<Result<sql::Catalog>> Describe(Deadline deadline) override;
  aio::Task<Result<sql::Explanation>> Explain(std::string statement,
                                              bool analyze,
                                              Deadline deadline) override;
  [[nodiscard]] sql::TransactionState transaction() const noexcept override { return state_; }
  [[nodiscard]] const std::string& server_version() const noexcept override { return version_; }
  [[nodiscard]] bool is_open() const noexcept override { return is_open_; }

 private:
  [[nodiscard]] aio::Task<Result<void>> SendRows(std::size_t count, sql::ResultSink& sink);
  [[nodiscard]] aio::Task<Result<sql::StatementOutcome>> Command(std::string tag,
                                                                 sql::ResultSink& sink);

  sql::OpenSpec spec_;
  std::string version_ = "Scripted 1";
  sql::TransactionState state_ = sql::TransactionState::kNone;
  bool is_open_ = true;
  bool is_cancelled_ = false;
  aio::Condition cancelled_;
};

class ScriptedEngine final : public sql::Engine {
 public:
  [[nodiscard]] sql::Dialect dialect() const noexcept override { return sql::Dialect::kPostgres; }
  aio::Task<Result<std::unique_ptr<sql::Session>>> Open(boost::asio::any_io_executor executor,
                                                        sql::OpenSpec spec,
                                                        std::shared_ptr<sql::Dialer> dialer,
                                                        Deadline deadline) override;
};

}  // namespace paddock::sqlrunner::testing
