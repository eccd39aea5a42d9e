#include "stores/sqlite/connection.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "stores/sqlite/values.h"

namespace paddock::stores::sqlite {
namespace {

constexpr std::size_t kCachedStatementsMax = 128;
constexpr int kProgressSteps = 2000;  // of SQLite's machine, between two looks at the clock
constexpr int kBusyTimeoutMs = 1000;  // for another program that holds the file's lock
constexpr int kPrimaryCodeMask = 0xFF;

bool IsBlank(const char* text) { return text[std::strspn(text, " \t\r\n;")] == '\0'; }

}  // namespace

void Connection::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

Result<std::unique_ptr<Connection>> Connection::Open(const std::string& path,
                                                     Access access,
                                                     const std::string& vfs) {
  std::unique_ptr<Connection> connection(new Connection());
  const int mode = access == Access::kRead ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  // Each connection belongs to one thread at a time, so SQLite's own locks would be for nothing.
  const int flags = mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
  const int opened = sqlite3_open_v2(path.c_str(), &connection->handle_, flags,
                                     vfs.empty() ? nullptr : vfs.c_str());
  if (connection->handle_ == nullptr) {
    return Fail(Code::kExhausted, "no memory for a connection to SQLite");
  }
  auto ready = opened == SQLITE_OK ? connection->SetUp(access)
                                   : Result<void>(Fail(connection->LastError(nullptr)));
  if (!ready) {
    return Fail(std::move(ready).error().With(path));
  }
  return connection;
}

Connection::~Connection() {
  by_sql_.clear();
  statements_.clear();
  sqlite3_close_v2(handle_);
}

Result<void> Connection::SetUp(Access access) {
  sqlite3_busy_timeout(handle_, kBusyTimeoutMs);
  sqlite3_progress_handler(handle_, kProgressSteps, &OnProgress, this);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_limit(handle_, SQLITE_LIMIT_LENGTH, static_cast<int>(4 * store::kValueSizeMax));
  auto set = Execute(
      "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
      "PRAGMA temp_store=MEMORY");
  if (!set || access != Access::kWrite) {
    return set;
  }
  auto mode = Run({.sql = "PRAGMA journal_mode=WAL"});
  if (!mode) {
    return Fail(std::move(mode).error());
  }
  const store::Row wal{std::string("wal")};
  if (mode->rows.size() != 1 || mode->rows.front() != wal) {
    return Fail(Code::kInvalid, "this file system does not let SQLite keep a write-ahead log");
  }
  // What was acknowledged must survive a loss of power, which NORMAL does not promise.
  return Execute("PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864");
}

int Connection::OnProgress(void* connection) {
  const Watch* watch = static_cast<Connection*>(connection)->watch_;
  return static_cast<int>(watch != nullptr && (watch->abandoned.load(std::memory_order_relaxed) ||
                                               watch->deadline.Passed()));
}

bool Connection::InTransaction() const { return sqlite3_get_autocommit(handle_) == 0; }

Result<void> Connection::Execute(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return Fail(LastError(nullptr));
  }
  return {};
}

Result<sqlite3_stmt*> Connection::Prepare(const std::string& sql) {
  if (const auto found = by_sql_.find(sql); found != by_sql_.end()) {
    statements_.splice(statements_.begin(), statements_, found->second);
    return statements_.front().statement.get();
  }
  sqlite3_stmt* prepared = nullptr;
  const char* rest = nullptr;
  const int outcome = sqlite3_prepare_v3(handle_, sql.c_str(), static_cast<int>(sql.size()) + 1,
                                         SQLITE_PREPARE_PERSISTENT, &prepared, &rest);
  StatementPtr statement(prepared);
  if (outcome != SQLITE_OK) {
    return Fail(LastError(nullptr));
  }
  if (statement == nullptr || !IsBlank(rest)) {
    return Fail(Code::kInternal, "a statement must be one statement of SQL: " + sql);
  }
  if (statements_.size() == kCachedStatementsMax) {
    by_sql_.erase(statements_.back().sql);
    statements_.pop_back();
  }
  statements_.push_front({.sql = sql, .statement = std::move(statement)});
  by_sql_.emplace(statements_.front().sql, statements_.begin());
  return statements_.front().statement.get();
}

Result<store::Rows> Connection::Run(const store::Statement& statement) {
  auto prepared = Prepare(statement.sql);
  if (!prepared) {
    return Fail(std::move(prepared).error());
  }
  if (!BindAll(*prepared, statement.values)) {
    sqlite3_clear_bindings(*prepared);
    return Fail(Code::kInternal, fmt::format("{} values do not fit the statement: {}",
                                             statement.values.size(), statement.sql));
  }
  auto rows = Step(*prepared, statement);
  // The error was taken before: this only repeats it.
  sqlite3_reset(*prepared);
  sqlite3_clear_bindings(*prepared);
  if (rows && statement.if_none && rows->rows.empty() && rows->changed_count == 0) {
    return Fail(*statement.if_none);
  }
  return rows;
}

Result<store::Rows> Connection::Step(sqlite3_stmt* statement, const store::Statement& asked) {
  store::Rows rows;
  std::size_t size = 0;
  const auto changed_before = sqlite3_total_changes64(handle_);
  for (;;) {
    const int outcome = sqlite3_step(statement);
    if (outcome == SQLITE_DONE) {
      break;
    }
    if (outcome != SQLITE_ROW) {
      return Fail(LastError(&asked));
    }
    rows.rows.push_back(ReadRow(statement, size));
    if (size > store::kAnswerSizeMax) {
      return Fail(Code::kExhausted,
                  "the answer is longer than " + std::to_string(store::kAnswerSizeMax) + " bytes");
    }
  }
  // A statement of the schema leaves the count of the last change as it is.
  if (sqlite3_total_changes64(handle_) != changed_before) {
    rows.changed_count = sqlite3_changes64(handle_);
  }
  return rows;
}

Error Connection::Interrupted() const {
  if (watch_ != nullptr && watch_->abandoned.load(std::memory_order_relaxed)) {
    return Error{.code = Code::kCancelled, .message = "nobody waits for the statement any more"};
  }
  return Error{.code = Code::kDeadlineExceeded, .message = "the statement took too long"};
}

Error Connection::LastError(const store::Statement* asked) const {
  const int extended = sqlite3_extended_errcode(handle_);
  const std::string message = fmt::format("SQLite: {} ({})", sqlite3_errmsg(handle_), extended);
  const bool is_taken = extended == SQLITE_CONSTRAINT_UNIQUE ||
                        extended == SQLITE_CONSTRAINT_PRIMARYKEY ||
                        extended == SQLITE_CONSTRAINT_ROWID;
  if (is_taken && asked != nullptr && asked->if_taken) {
    return *asked->if_taken;
  }
  if (is_taken || extended == SQLITE_CONSTRAINT_FOREIGNKEY) {
    return Error{.code = Code::kConflict, .message = message};
  }
  if ((extended & kPrimaryCodeMask) == SQLITE_INTERRUPT) {
    return Interrupted();
  }
  if ((extended & kPrimaryCodeMask) == SQLITE_BUSY) {
    return Error{.code = Code::kUnavailable,
                 .message = "another program holds the database's file locked"};
  }
  const Code code = CodeOf(extended, sqlite3_system_errno(handle_));
  return code == Code::kDiskFull ? store::DiskIsFull(message)
                                 : Error{.code = code, .message = message};
}

std::string LibraryVersion() { return sqlite3_libversion(); }

}  // namespace paddock::stores::sqlite
