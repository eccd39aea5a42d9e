#include "engines/sqlite/connection.h"

#include <sqlite3.h>

#include <utility>

#include "sql/sqlite/status_name.h"

namespace paddock::engines::sqlite {
namespace {

constexpr int kProgressSteps = 1'000;  // of SQLite's machine, between two looks at the flag
constexpr int kBusyPauseMilliseconds = 10;
constexpr int kPrimaryCodeMask = 0xFF;
// What the code of the first byte of a statement and of its place means to sqlite3_error_offset.
constexpr int kNoOffset = -1;

}  // namespace

void Connection::Close::operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }

SqlResult<std::unique_ptr<Connection>> Connection::Open(const std::string& path, bool read_only) {
  sqlite3_hard_heap_limit64(kHeapBytesMax);
  std::unique_ptr<Connection> connection(new Connection());
  const int mode = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* handle = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &handle,
                                     mode | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  connection->handle_.reset(handle);
  if (opened != SQLITE_OK) {
    return std::unexpected(connection->LastError(0));
  }
  sqlite3_progress_handler(handle, kProgressSteps, &OnProgress, connection.get());
  sqlite3_busy_handler(handle, &OnBusy, connection.get());
  // Opening reads nothing; that the file is none of SQLite's should be said now.
  auto looked = connection->Prepare("SELECT 1 FROM sqlite_schema LIMIT 1");
  auto read = looked ? looked->Step() : SqlResult<bool>(std::unexpected(looked.error()));
  if (!read) {
    return std::unexpected(std::move(read).error());
  }
  return connection;
}

SqlResult<Statement> Connection::Prepare(std::string_view text) {
  std::size_t end = 0;
  auto statement = PrepareFirst(text, 0, end);
  // What follows must be nothing but spaces and comments.
  while (statement && end < text.size()) {
    const auto begin = end;
    auto next = PrepareFirst(text, begin, end);
    if (!next || !next->is_blank()) {
      return std::unexpected(
          sql::StatementError{.code = std::string(sql::StatusName(SQLITE_MISUSE)),
                              .message = "more than one statement at a time",
                              .position = begin});
    }
  }
  return statement;
}

// Of `text` from `begin`; `end` is then behind the statement.
SqlResult<Statement> Connection::PrepareFirst(std::string_view text,
                                              std::size_t begin,
                                              std::size_t& end) {
  Statement statement(*this);
  const auto rest = text.substr(begin);
  sqlite3_stmt* handle = nullptr;
  const char* tail = nullptr;
  const int outcome = sqlite3_prepare_v3(handle_.get(), rest.data(), static_cast<int>(rest.size()),
                                         0, &handle, &tail);
  statement.handle_.reset(handle);
  if (outcome != SQLITE_OK) {
    return std::unexpected(LastError(begin));
  }
  const auto taken = static_cast<std::size_t>(tail - rest.data());
  end = taken == 0 ? text.size() : begin + taken;
  return statement;
}

bool Connection::in_transaction() const noexcept {
  return sqlite3_get_autocommit(handle_.get()) == 0;
}

void Connection::Stop() noexcept {
  stopped_.store(true);
  sqlite3_interrupt(handle_.get());  // also inside of long steps
}

int Connection::OnProgress(void* connection) {
  return static_cast<int>(static_cast<Connection*>(connection)->stopped_.load());
}

int Connection::OnBusy(void* connection, int count) {
  const bool gives_up = static_cast<Connection*>(connection)->stopped_.load() ||
                        count >= kBusyMillisecondsMax / kBusyPauseMilliseconds;
  if (!gives_up) {
    sqlite3_sleep(kBusyPauseMilliseconds);
  }
  return static_cast<int>(!gives_up);
}

sql::StatementError Connection::LastError(std::size_t begin) const {
  sqlite3* const handle = handle_.get();
  const int status = handle == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(handle);
  sql::StatementError error;
  error.code = sql::StatusName(status);
  error.message = handle == nullptr ? sqlite3_errstr(status) : sqlite3_errmsg(handle);
  const int offset = handle == nullptr ? kNoOffset : sqlite3_error_offset(handle);
  if (offset >= 0) {
    error.position = begin + static_cast<std::size_t>(offset);
  }
  const int primary = status & kPrimaryCodeMask;
  if (stopped_.load() && (primary == SQLITE_INTERRUPT || primary == SQLITE_BUSY)) {
    error.code = sql::kCancelledState;
    error.message = "the statement was cancelled";
  }
  return error;
}

std::string_view LibraryVersion() noexcept { return sqlite3_libversion(); }

}  // namespace paddock::engines::sqlite
