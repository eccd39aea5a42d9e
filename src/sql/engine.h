// Engine: the seam between live sessions and a database system.
//
// Implementations: engines/postgres (PostgreSQL and, with its own ways, KWDB), engines/mariadb,
// engines/helper (SQLite, by the helper program inside the sandbox). All pass one suite,
// sql/testing/engine_contract.h. docs/sql-engines.md says how to add one.
//
// One Session is one connection, pinned: USE, SET, BEGIN and temporary tables last from statement
// to statement and are nobody else's.
//
// Threading: call from the loop thread; one Execute, Describe or Explain of a session at a time,
// Cancel at any time. Ownership: an engine outlives its sessions; a session its calls.
// A database is hostile: whatever it sends is bounded, and a broken peer ends the session.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "base/units.h"
#include "sql/catalog.h"
#include "sql/dialect.h"
#include "sql/plan.h"
#include "sql/rows.h"
#include "sql/statement_error.h"

namespace paddock::sql {

/// How a database is reached. Engines ask it again for whatever else they need a connection for.
class Dialer {
 public:
  virtual ~Dialer() = default;
  /// A connected stream socket to the database server (or to a helper that was just started).
  /// Fails with kUnavailable, kDenied, kNotFound or kDeadlineExceeded, in words for the user.
  [[nodiscard]] virtual aio::Task<Result<UniqueFd>> Dial(Deadline deadline) = 0;
};

struct OpenSpec {
  std::string database = {};          // NOLINT: of SQLite, the path of a file; empty: the usual one
  std::string user = {};              // NOLINT: may be left out
  std::string password = {};          // NOLINT: may be left out
  std::string application_name = {};  // NOLINT: unique; some engines can only cancel by it
  bool read_only = false;             // asked of the database, where it can
};

struct CommandResult {
  std::string tag = {};  // NOLINT: "INSERT 0 3", "SELECT 10", in the engine's own words
  std::optional<std::uint64_t> affected_rows = std::nullopt;
};

/// Takes what a statement gives, as it comes. Awaiting is back-pressure. A failure ends the
/// statement and becomes the failure of Execute.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  /// Begins a result with columns. A statement may have several, or none.
  [[nodiscard]] virtual aio::Task<Result<void>> Columns(std::vector<Column> columns) = 0;
  /// At most kBatchRowsMax rows or about kBatchBytes.
  [[nodiscard]] virtual aio::Task<Result<void>> Append(Rows rows) = 0;
  /// Ends a result, or a command that had none.
  [[nodiscard]] virtual aio::Task<Result<void>> Complete(CommandResult result) = 0;
  virtual void Note(Notice notice) = 0;
};

inline constexpr std::size_t kBatchRowsMax = 1'000;
inline constexpr std::size_t kBatchBytes = std::size_t{64} * 1024;
inline constexpr std::size_t kStatementBytesMax = std::size_t{1} * 1024 * 1024;

enum class TransactionState : std::uint8_t { kNone, kOpen, kFailed };

/// Nothing: it worked. An error of the statement leaves the session usable.
using StatementOutcome = std::optional<StatementError>;

struct Explanation {
  std::optional<Plan> plan = std::nullopt;  // absent: `error` says why
  StatementOutcome error = std::nullopt;
};

class Session {
 public:
  virtual ~Session() = default;  // ends it; what was not committed is rolled back

  /// Runs one statement (the caller splits: sql/splitter.h). Positions are bytes in `statement`.
  /// Fails with kUnavailable (connection lost: the session is over), kDeadlineExceeded (the
  /// statement was cancelled; the session is usable), kCancelled, or as the sink.
  [[nodiscard]] virtual aio::Task<Result<StatementOutcome>> Execute(
      std::string statement,
      ResultSink& sink,  // outlives the task
      Deadline deadline) = 0;

  /// Stops what runs; it then ends with kCancelledState. Harmless when nothing runs.
  [[nodiscard]] virtual aio::Task<Result<void>> Cancel(Deadline deadline) = 0;

  [[nodiscard]] virtual aio::Task<Result<Catalog>> Describe(Deadline deadline) = 0;

  /// `analyze` runs the statement; what it changed is rolled back where the engine can, and the
  /// call is refused with a StatementError where it cannot.
  [[nodiscard]] virtual aio::Task<Result<Explanation>> Explain(std::string statement,
                                                               bool analyze,
                                                               Deadline deadline) = 0;

  [[nodiscard]] virtual TransactionState transaction() const noexcept = 0;
  /// "PostgreSQL 15.13".
  [[nodiscard]] virtual const std::string& server_version() const noexcept = 0;
  [[nodiscard]] virtual bool is_open() const noexcept = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;
  [[nodiscard]] virtual Dialect dialect() const noexcept = 0;

  /// Fails with kUnavailable (no answer), kDenied (user or password refused), kNotFound (no such
  /// database), kInvalid or kDeadlineExceeded; the message is the database's, for the user.
  [[nodiscard]] virtual aio::Task<Result<std::unique_ptr<Session>>> Open(
      boost::asio::any_io_executor executor,
      OpenSpec spec,
      std::shared_ptr<Dialer> dialer,
      Deadline deadline) = 0;
};

}  // namespace paddock::sql
