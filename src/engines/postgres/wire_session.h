// WireSession: what a session of PostgreSQL and one of KWDB have in common.
//
// Used by PostgresSession and KwdbSession, which say how a statement is cancelled, where its error
// is, what there is in the database and how it means to run a statement. Threading and ownership:
// as sql::Session.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/any_io_executor.hpp>

#include "aio/gate.h"
#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "engines/postgres/exchange.h"
#include "engines/postgres/messages.h"
#include "engines/postgres/startup.h"
#include "engines/postgres/types.h"
#include "engines/postgres/wire.h"
#include "sql/answer.h"
#include "sql/engine.h"

namespace paddock::engines::postgres {

class WireSession : public sql::Session, protected Canceller {
 public:
  WireSession(const boost::asio::any_io_executor& executor,
              Opened opened,
              std::shared_ptr<sql::Dialer> dialer);
  WireSession(const WireSession&) = delete;
  WireSession& operator=(const WireSession&) = delete;

  [[nodiscard]] aio::Task<Result<sql::StatementOutcome>> Execute(std::string statement,
                                                                 sql::ResultSink& sink,
                                                                 Deadline deadline) final;
  [[nodiscard]] aio::Task<Result<void>> Cancel(Deadline deadline) final;

  [[nodiscard]] sql::TransactionState transaction() const noexcept final { return transaction_; }
  [[nodiscard]] const std::string& server_version() const noexcept final { return version_; }
  [[nodiscard]] bool is_open() const noexcept final { return wire_.is_open(); }

  void set_server_version(std::string version) { version_ = std::move(version); }
  /// Runs SQL of ours without keeping what it gives. Fails with kUnavailable, in the server's words
  /// when it refused.
  [[nodiscard]] aio::Task<Result<void>> Configure(std::string sql, Deadline deadline);

 protected:
  /// What Ask gave: an answer, or what the server said against it.
  struct Asked {
    sql::Answer answer;
    std::optional<Report> report = std::nullopt;
  };
  enum class Statements : std::uint8_t { kAny, kOne };

  /// Before a learner's statement.
  [[nodiscard]] virtual aio::Task<Result<void>> Prepare(std::string_view statement,
                                                        Deadline deadline) = 0;
  [[nodiscard]] virtual std::optional<std::size_t> PositionOf(const Report& report,
                                                              std::string_view text) const = 0;

  [[nodiscard]] aio::Task<Result<std::unique_ptr<Asked>>> Ask(std::string sql,
                                                              Statements statements,
                                                              Deadline deadline);
  /// `prefix_size` bytes of `text` before the learner's own were ours.
  [[nodiscard]] sql::StatementError ErrorOf(const Report& report,
                                            std::string_view text,
                                            std::size_t prefix_size = 0) const;
  [[nodiscard]] aio::Task<Result<std::optional<Report>>> Converse(std::string request,
                                                                  sql::ResultSink& sink,
                                                                  Deadline deadline);
  /// What is wrong with a statement before it is sent.
  [[nodiscard]] static sql::StatementOutcome Check(std::string_view statement);
  /// Completes when no cancelling is under way that could stop what comes next.
  [[nodiscard]] aio::Task<Result<void>> Settle(Deadline deadline);

  /// Until when what was done for an explanation must be undone, whatever became of it.
  [[nodiscard]] static Deadline UndoDeadline();

  [[nodiscard]] sql::Dialer& dialer() { return *dialer_; }
  [[nodiscard]] const std::string& cancel_request() const { return cancel_request_; }
  [[nodiscard]] TypeNames& types() { return types_; }

 private:
  TypeNames types_;
  std::string version_;
  std::shared_ptr<sql::Dialer> dialer_;
  std::string cancel_request_;
  Wire wire_;
  aio::Gate cancelling_;
  bool is_running_ = false;
  sql::TransactionState transaction_ = sql::TransactionState::kNone;
};

}  // namespace paddock::engines::postgres
