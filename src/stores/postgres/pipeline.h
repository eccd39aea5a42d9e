// Pipeline: transactions, one after the other on one connection, sent before the ones before them
// are answered; and the connection again, with patience, whenever it is lost.
//
// A transaction that need not be looked at before its commit is one message to the server and one
// back. One whose guards decide whether it is committed holds back those behind it for that long.
//
// Used by PostgresDatabase. Threading: loop thread only. Ownership: Close first, then destroy.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "aio/condition.h"
#include "aio/task.h"
#include "aio/task_scope.h"
#include "base/deadline.h"
#include "base/result.h"
#include "store/database.h"
#include "stores/postgres/connection.h"
#include "stores/postgres/exchange.h"
#include "stores/postgres/failure_log.h"
#include "stores/postgres/settings.h"

namespace paddock::stores::postgres {

class Pipeline {
 public:
  /// `log` is that of all pipelines to one server, and outlives them.
  Pipeline(const boost::asio::any_io_executor& executor,
           Settings settings,
           Connection::Mode mode,
           FailureLog& log);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  ~Pipeline();

  /// Fails as store::Database::Write. A transaction that gave way to others (a deadlock with
  /// another server's) is repeated a few times, and then comes after those sent meanwhile.
  [[nodiscard]] aio::Task<Outcome> Run(store::Transaction transaction, Deadline deadline);

  /// Waits for what is pending, until `deadline`.
  [[nodiscard]] aio::Task<void> Close(Deadline deadline);

  /// Calls that wait or are on their way.
  [[nodiscard]] std::size_t load() const noexcept { return waiting_.size() + sent_.size(); }
  /// Why there is no connection; absent: there is, or it is just being made.
  [[nodiscard]] const std::optional<std::string>& failure() const noexcept { return failure_; }

 private:
  [[nodiscard]] aio::Task<void> Serve();
  [[nodiscard]] aio::Task<void> Connect();
  [[nodiscard]] aio::Task<Error> ReadUntilLost(Connection& connection);
  [[nodiscard]] aio::Task<void> FlushLater(std::shared_ptr<Connection> connection);
  [[nodiscard]] aio::Task<void> Watch();
  void Pump();
  void Flush();
  [[nodiscard]] Result<void> TakeResults(PGconn* handle);
  [[nodiscard]] Result<void> Take(const PGresult& result);
  void EndOfSegment();
  void Finish(const ExchangePtr& exchange, Outcome outcome);
  void FailAll(std::deque<ExchangePtr>& exchanges, const Error& error);
  [[nodiscard]] bool is_interlocked() const {
    return !sent_.empty() && sent_.back()->is_interlocked();
  }

  Settings settings_;
  Connection::Mode mode_;
  FailureLog& log_;
  std::shared_ptr<Connection> connection_;  // none while there is none
  PreparedStatements prepared_;             // of connection_
  std::deque<ExchangePtr> waiting_;
  std::deque<ExchangePtr> sent_;  // the first is the one that the server answers next
  std::optional<std::string> failure_;
  std::chrono::milliseconds retry_delay_{0};
  bool is_flushing_ = false;
  bool is_closing_ = false;
  aio::Condition idle_;
  aio::TaskScope tasks_;
};

}  // namespace paddock::stores::postgres
