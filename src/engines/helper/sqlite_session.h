// SqliteSession: one database of SQLite that a helper has open. Threading and ownership: as
// sql::Session; it holds nothing but the stream, and the helper ends with that.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engines/helper/link.h"
#include "sql/answer.h"
#include "sql/engine.h"

namespace paddock::engines::helper {

class SqliteSession final : public sql::Session {
 public:
  /// The helper behind `link` has said OPENED.
  SqliteSession(std::unique_ptr<Link> link, std::string version)
      : link_(std::move(link)), version_(std::move(version)) {}

  [[nodiscard]] aio::Task<Result<sql::StatementOutcome>> Execute(std::string statement,
                                                                 sql::ResultSink& sink,
                                                                 Deadline deadline) override;
  [[nodiscard]] aio::Task<Result<void>> Cancel(Deadline deadline) override;
  [[nodiscard]] aio::Task<Result<sql::Catalog>> Describe(Deadline deadline) override;
  [[nodiscard]] aio::Task<Result<sql::Explanation>> Explain(std::string statement,
                                                            bool analyze,
                                                            Deadline deadline) override;

  [[nodiscard]] sql::TransactionState transaction() const noexcept override { return transaction_; }
  [[nodiscard]] const std::string& server_version() const noexcept override { return version_; }
  [[nodiscard]] bool is_open() const noexcept override { return link_->is_open(); }

 private:
  enum class Use : std::uint8_t { kAny, kOnlyReads };

  [[nodiscard]] aio::Task<Result<sql::StatementOutcome>> Converse(std::string statement,
                                                                  Use use,
                                                                  sql::ResultSink& sink,
                                                                  Deadline deadline);
  /// Fails also when the statement, which is ours, does.
  [[nodiscard]] aio::Task<Result<std::unique_ptr<sql::Answer>>> Ask(std::string statement,
                                                                    Deadline deadline);
  /// Runs the statement and puts what it took into the plan of `explanation`.
  [[nodiscard]] aio::Task<Result<void>> Analyze(std::string statement,
                                                sql::Explanation& explanation,
                                                Deadline deadline);
  [[nodiscard]] aio::Task<Result<sql::StatementOutcome>> RunAndUndo(std::string statement,
                                                                    sql::ResultSink& sink,
                                                                    Deadline deadline);

  std::unique_ptr<Link> link_;
  std::string version_;
  std::uint32_t number_ = 0;
  bool is_running_ = false;
  sql::TransactionState transaction_ = sql::TransactionState::kNone;
};

}  // namespace paddock::engines::helper
