// Connection: one handle of libsqlite3, with its prepared statements and our words for its errors.
//
// Used by the writer's and the readers' threads, by snapshots and migrations. Threading: one thread
// at a time; the flag of a Watch may be set by any. Ownership: closes what it has opened.
#pragma once

#include <atomic>
#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/deadline.h"
#include "base/result.h"
#include "store/database.h"

struct sqlite3;
struct sqlite3_stmt;

namespace paddock::stores::sqlite {

enum class Access {
  kCreate,  // as kWrite, but without the log, which marks the file as one that has content
  kWrite,
  kRead,
};

/// What ends a statement early. Outlives the statement.
struct Watch {
  Deadline deadline = Deadline::Never();
  std::atomic<bool> abandoned = false;  // nobody waits for the result any more
};

class Connection {
 public:
  /// `vfs` names SQLite's own when empty. Fails as Run.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> Open(const std::string& path,
                                                                Access access,
                                                                const std::string& vfs);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// Runs one statement, and fails with its own errors, kConflict, kDiskFull, kUnavailable (a busy
  /// file or a failing disk), kDeadlineExceeded, kCancelled, kExhausted or kInternal. A failure may
  /// have rolled back the transaction around it: ask InTransaction.
  [[nodiscard]] Result<store::Rows> Run(const store::Statement& statement);

  /// Runs SQL without values and results, of any number of statements. Fails as Run.
  [[nodiscard]] Result<void> Execute(const char* sql);

  [[nodiscard]] bool InTransaction() const;

  /// From now on until nullptr is given.
  void SetWatch(const Watch* watch) { watch_ = watch; }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  using StatementPtr = std::unique_ptr<sqlite3_stmt, Finalize>;
  struct Cached {
    std::string sql;
    StatementPtr statement;
  };

  Connection() = default;
  static int OnProgress(void* connection);

  [[nodiscard]] Result<void> SetUp(Access access);
  [[nodiscard]] Result<sqlite3_stmt*> Prepare(const std::string& sql);
  [[nodiscard]] Result<store::Rows> Step(sqlite3_stmt* statement, const store::Statement& asked);
  [[nodiscard]] Error LastError(const store::Statement* asked) const;
  [[nodiscard]] Error Interrupted() const;

  sqlite3* handle_ = nullptr;
  const Watch* watch_ = nullptr;
  std::list<Cached> statements_;  // the last used first
  std::unordered_map<std::string_view, std::list<Cached>::iterator> by_sql_;
};

/// "3.40.1".
[[nodiscard]] std::string LibraryVersion();

}  // namespace paddock::stores::sqlite
