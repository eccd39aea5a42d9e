// Database: the seam between the repositories and the SQL database that keeps what they store.
//
// Implementations: stores/sqlite (one file, WAL, one writer) and stores/postgres (libpq, async,
// pipelined). Both pass the same suite, testing/database_contract.h. SQL is written once, in the
// subset that both know, with `?` for each value: ids and JSON are TEXT, times and truths BIGINT;
// RETURNING, ON CONFLICT, CTEs and window functions are there. Whatever differs (types of columns,
// locks) is in migrations only.
//
// There is no interactive transaction on purpose: a transaction is a list of statements, each with
// what must be true of it, sent at once. Nobody holds the only writer while waiting for something
// else, and the list can be pipelined. Read-then-write is an UPDATE whose WHERE names what was
// read.
//
// Threading: call from the loop thread; completions arrive there. Calls may overlap; writes of one
// caller that does not await between them keep their order. Ownership: outlives every pending call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "store/value.h"

namespace paddock::store {

struct Statement {
  std::string sql;
  // NOLINTNEXTLINE(readability-redundant-member-init): may be left out
  std::vector<Value> values = {};

  /// Fails the whole transaction when this statement neither changed nor returned a row.
  std::optional<Error> if_none = std::nullopt;
  /// What a violated uniqueness of this statement fails with; kConflict in general words if absent.
  std::optional<Error> if_taken = std::nullopt;
};

using Transaction = std::vector<Statement>;

// What one call may be. More is a bug of the caller: kInvalid.
inline constexpr std::size_t kSqlSizeMax = std::size_t{256} * 1024;
inline constexpr std::size_t kValuesMax = 10'000;
inline constexpr std::size_t kValueSizeMax = std::size_t{16} * 1024 * 1024;
inline constexpr std::size_t kStatementsMax = 10'000;
/// What one answer may be; a longer one fails with kExhausted. Long lists are read in pages.
inline constexpr std::size_t kAnswerSizeMax = std::size_t{64} * 1024 * 1024;

/// kInvalid when a limit above is passed, or a value is one that not every database can keep: a
/// text that is not UTF-8 or has a zero byte, a number that is not finite. Every implementation
/// asks this first.
[[nodiscard]] Result<void> CheckStatements(std::span<const Statement> statements);

/// kDiskFull in words for the user; `cause`, the database's own, is for operators.
[[nodiscard]] Error DiskIsFull(std::string_view cause);

/// One step of the schema's history. `sql` may hold many statements.
struct Migration {
  int version = 0;  // 1, 2, 3 … without a gap
  std::string_view name;
  std::string_view sqlite;
  std::string_view postgres;
};

/// For the status page.
struct DatabaseState {
  std::string engine;  // "SQLite 3.40.1", "PostgreSQL 15.13"
  int schema_version = 0;
  std::optional<std::string> failure = std::nullopt;  // why it does not answer; absent: it does
};

/// The database as it was at one moment, for whoever reads much of it while others write. It costs
/// a connection and keeps old versions of rows alive: for exports, not for requests.
class Snapshot {
 public:
  Snapshot() = default;
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  virtual ~Snapshot() = default;

  /// As Database::Read. One call at a time.
  [[nodiscard]] virtual aio::Task<Result<Rows>> Read(Statement statement, Deadline deadline) = 0;
};

class Database {
 public:
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  virtual ~Database() = default;

  /// Brings the schema to the last of `migrations`, each step whole or not at all, under a lock
  /// that keeps out other processes doing the same. kConflict: the database is newer than this
  /// program knows, or its history differs (a step's text was changed); the message says both
  /// versions.
  [[nodiscard]] virtual aio::Task<Result<void>> Migrate(std::span<const Migration> migrations,
                                                        Deadline deadline) = 0;

  /// One statement that changes nothing, on a state that holds all that was acknowledged before.
  /// Fails with kUnavailable (no answer, connection lost), kExhausted (too many are waiting),
  /// kDeadlineExceeded, kCancelled, kInternal (the statement or the database is wrong).
  [[nodiscard]] virtual aio::Task<Result<Rows>> Read(Statement statement, Deadline deadline) = 0;

  /// All statements in order, or none of them; durable when it succeeds. Fails as Read, with the
  /// statements' own errors, with kConflict, and with kDiskFull, when nothing was written. After
  /// kDeadlineExceeded, kCancelled and kUnavailable it may have happened nevertheless, wholly.
  [[nodiscard]] virtual aio::Task<Result<std::vector<Rows>>> Write(Transaction transaction,
                                                                   Deadline deadline) = 0;

  /// Fails as Read; kExhausted when too many are open. The snapshot must go before Close.
  [[nodiscard]] virtual aio::Task<Result<std::unique_ptr<Snapshot>>> OpenSnapshot(
      Deadline deadline) = 0;

  [[nodiscard]] virtual DatabaseState state() const = 0;

  /// Finishes what is pending, until `deadline`, and closes. Nothing may be called afterwards.
  [[nodiscard]] virtual aio::Task<void> Close(Deadline deadline) = 0;
};

}  // namespace paddock::store
