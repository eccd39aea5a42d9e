// Connection: one database of SQLite, a file or in memory, for whoever may do anything with it.
//
// Used by the helper program inside a sandbox, whose database is the learner's own. Threading: one
// thread, but Stop may be called from any while the connection lives. Ownership: outlives its
// statements.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engines/sqlite/statement.h"

struct sqlite3;

namespace paddock::engines::sqlite {

class Connection {
 public:
  /// What all connections of the process may take together; a statement that needs more fails. It
  /// is less than a sandbox has, whose kernel would end the whole program.
  static constexpr std::int64_t kHeapBytesMax = std::int64_t{128} * 1024 * 1024;
  static constexpr int kBusyMillisecondsMax = 5'000;  // for another's lock on the file

  /// `path` is that of a file, made when it is missing, or ":memory:". Fails with SQLite's error.
  [[nodiscard]] static SqlResult<std::unique_ptr<Connection>> Open(const std::string& path,
                                                                   bool read_only);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() = default;

  /// `text` is one statement or none; fails with SQLite's error, and its position in `text`. More
  /// than one statement is an error at the second.
  [[nodiscard]] SqlResult<Statement> Prepare(std::string_view text);

  [[nodiscard]] bool in_transaction() const noexcept;

  /// From any thread: what runs fails with kCancelledState, and so does all until Resume.
  void Stop() noexcept;
  void Resume() noexcept { stopped_.store(false); }

 private:
  friend class Statement;
  struct Close {
    void operator()(sqlite3* handle) const noexcept;
  };

  Connection() = default;
  static int OnProgress(void* connection);
  static int OnBusy(void* connection, int count);
  [[nodiscard]] sql::StatementError LastError(std::size_t begin) const;
  [[nodiscard]] SqlResult<Statement> PrepareFirst(std::string_view text,
                                                  std::size_t begin,
                                                  std::size_t& end);

  std::unique_ptr<sqlite3, Close> handle_;
  std::atomic<bool> stopped_ = false;
};

/// "3.40.1".
[[nodiscard]] std::string_view LibraryVersion() noexcept;

}  // namespace paddock::engines::sqlite
