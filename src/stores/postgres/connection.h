// Connection: one session of a PostgreSQL server, on the loop.
//
// Used by Pipeline, which talks to the server by itself once it is connected, and by migrations and
// snapshots, which ask one thing after the other. Threading: loop thread only. Ownership: closes
// the session when destroyed; nothing may wait on it then.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <libpq-fe.h>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "store/database.h"
#include "stores/postgres/settings.h"
#include "stores/postgres/values.h"

namespace paddock::stores::postgres {

struct FreeResult {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, FreeResult>;

/// What each session has prepared: sets the server's limit for the statements of a transaction, of
/// which the only value is in milliseconds.
inline constexpr const char* kSetTimeout = "set_timeout";

class Connection {
 public:
  enum class Mode { kWrite, kRead };

  /// Connects, and makes the session as the port needs it. kUnavailable: in the server's words,
  /// without the password. kInvalid: the server or its database cannot keep our data.
  /// kDeadlineExceeded, kCancelled.
  [[nodiscard]] static aio::Task<Result<std::unique_ptr<Connection>>> Connect(Settings settings,
                                                                              Mode mode,
                                                                              Deadline deadline);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// Runs SQL without values, of any number of statements. What failed or was not finished in time
  /// leaves a session that is only good for being closed.
  [[nodiscard]] aio::Task<Result<void>> Execute(std::string sql, Deadline deadline);
  /// One statement, as store::Database::Read.
  [[nodiscard]] aio::Task<Result<store::Rows>> Run(store::Statement statement, Deadline deadline);

  /// Completes when the server has sent something, or has closed; or when something more can be
  /// sent. kCancelled also when Drop is called.
  [[nodiscard]] aio::Task<Result<void>> WaitReadable(Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> WaitWritable(Deadline deadline);
  /// Ends every wait. Only destroying it makes sense afterwards.
  void Drop();

  [[nodiscard]] PGconn* handle() const noexcept { return handle_; }
  [[nodiscard]] bool in_transaction() const {
    return PQtransactionStatus(handle_) == PQTRANS_INTRANS;
  }
  /// "PostgreSQL 15.13".
  [[nodiscard]] std::string ServerName() const;
  /// What libpq says about the session, without the password. kUnavailable.
  [[nodiscard]] Error Failure() const;

 private:
  Connection(const boost::asio::any_io_executor& executor, Settings settings)
      : settings_(std::move(settings)), socket_(executor) {}

  [[nodiscard]] aio::Task<Result<void>> Establish(Settings resolved, Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> SetUp(Mode mode, Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> Wait(boost::asio::posix::descriptor_base::wait_type what,
                                             Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> SendAll(Deadline deadline);
  [[nodiscard]] aio::Task<Result<ResultPtr>> NextResult(Deadline deadline);
  /// The last of all results, or the first that failed.
  [[nodiscard]] aio::Task<Result<ResultPtr>> LastResult(Deadline deadline);
  void AdoptSocket();

  Settings settings_;
  PGconn* handle_ = nullptr;
  boost::asio::posix::stream_descriptor socket_;  // libpq's own; never closed by this
};

/// True for what a statement returns that went well.
[[nodiscard]] bool IsSuccess(const PGresult& result);

}  // namespace paddock::stores::postgres
