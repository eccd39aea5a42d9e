// Databases: makes, fills and drops databases for challenges on a server that has nothing else.
//
// Used by ClonePool and ServerRunner. Implementations: PostgresDatabases, MariadbDatabases, and
// testing/scripted_databases.h. All names begin with kDatabasePrefix, so that what a process has
// left behind is known to the next one.
//
// A schema is prepared once, from its script. A clone is a database of its own with the same data,
// and a user who may do anything in it and nothing outside; it is used for one run and dropped. A
// reader is a session in a database that all readers of the schema share, as a user who can only
// read it.
//
// Threading: loop thread; calls may overlap, but for Open. Ownership: outlives its sessions.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "runners/server/text_kind.h"
#include "sql/engine.h"

namespace paddock::runners::server {

inline constexpr std::string_view kDatabasePrefix = "paddock_challenge_";
inline constexpr std::size_t kReadersMax = 8;  // sessions of a schema's readers

/// A database and the user of the same name.
struct Account {
  std::string name;
  std::string password;  // in no log, and told to nobody
};

struct PreparedSchema {
  std::string source;        // what clones are made of; empty where they are made of the script
  Account readers;           // the database that readers share
  std::string script = {};   // NOLINT: where clones are made of it
  std::string warm_up = {};  // NOLINT: what a new session does before anybody waits for it
  SchemaFacts facts = {};
};

enum class Use : std::uint8_t { kReader, kClone };

/// A session with nobody else's traces in it. `database` is dropped with a clone.
struct Place {
  std::unique_ptr<sql::Session> session;
  std::string database = {};  // NOLINT: of a reader, none of its own
};

class Databases {
 public:
  Databases() = default;
  Databases(const Databases&) = delete;
  Databases& operator=(const Databases&) = delete;
  virtual ~Databases() = default;

  /// Connects, makes sure that nobody else uses the server for this, and drops what is left from
  /// before. Fails with kUnavailable, kDenied, kInvalid (the server is not set up for it), with
  /// words for its administrator; kDeadlineExceeded, kCancelled.
  [[nodiscard]] virtual aio::Task<Result<void>> Open(Deadline deadline) = 0;
  /// False before, and after the connection was lost: then nothing is there any more.
  [[nodiscard]] virtual bool is_open() const noexcept = 0;
  /// Looks whether the server still answers. Fails with kUnavailable, kDeadlineExceeded,
  /// kCancelled.
  [[nodiscard]] virtual aio::Task<Result<void>> Check(Deadline deadline) = 0;
  virtual void Close() = 0;

  // These fail with kUnavailable, kDeadlineExceeded or kCancelled.

  /// kInvalid too: the script fails; the message is the database's.
  [[nodiscard]] virtual aio::Task<Result<PreparedSchema>> Prepare(std::string script,
                                                                  Deadline deadline) = 0;
  /// `schema` outlives the tasks.
  [[nodiscard]] virtual aio::Task<Result<Place>> Make(const PreparedSchema& schema,
                                                      Use use,
                                                      Deadline deadline) = 0;
  /// Before a run, which the database itself is to stop after `time`.
  [[nodiscard]] virtual aio::Task<Result<void>> BeginRun(sql::Session& session,
                                                         Use use,
                                                         std::chrono::milliseconds time,
                                                         Deadline deadline) = 0;
  /// Makes a reader as new. False: it is to be closed.
  [[nodiscard]] virtual aio::Task<bool> Renew(sql::Session& session, Deadline deadline) = 0;
  /// Drops a database with its user. One that is not there is a success.
  [[nodiscard]] virtual aio::Task<Result<void>> Drop(std::string database, Deadline deadline) = 0;

  /// Whether a reader's error means that its text has to run on a clone.
  [[nodiscard]] virtual bool WantsClone(const sql::StatementError& error) const = 0;
  /// "PostgreSQL 15.13"; empty before Open.
  [[nodiscard]] virtual std::string version() const = 0;
};

}  // namespace paddock::runners::server
