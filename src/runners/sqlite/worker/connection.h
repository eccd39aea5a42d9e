// Connection: one database in memory, with every limit and guard of a worker set.
//
// Used by PreparedSchema and SchemaRun. Threading: one thread. Ownership: the clock outlives it.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "challenges/runner.h"
#include "runners/sqlite/worker/guard.h"
#include "runners/sqlite/worker/run_clock.h"

namespace paddock::runners::sqlite {

struct StatementFinalizer {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, StatementFinalizer>;

/// SQLite for a process with one thread: no locks, nothing on disk. Once, before anything else.
void SetUpEngine();

class Connection {
 public:
  /// A database with the content of `image`; an empty one when that is empty.
  Connection(std::span<const unsigned char> image, RunClock& clock);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  Connection(Connection&&) = delete;
  Connection& operator=(Connection&&) = delete;
  ~Connection() = default;

  [[nodiscard]] sqlite3* handle() const noexcept { return handle_.get(); }
  [[nodiscard]] Guard& guard() noexcept { return guard_; }
  [[nodiscard]] RunClock& clock() noexcept { return clock_; }

  void SetShims(challenges::ShimSet shims);
  void SetForeignKeys(bool enforced) const;
  [[nodiscard]] bool has_foreign_keys() const;
  /// The longest value, and the longest text of statements.
  void SetLengths(std::size_t value_bytes, std::size_t text_bytes) const;

  /// Both on Ground::kOwn. False when SQLite refuses.
  [[nodiscard]] bool Begin();
  [[nodiscard]] bool RollBack();
  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(handle()) == 0; }

 private:
  struct Closer {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
  };
  void Load(std::span<const unsigned char> image) const;
  bool RunOwn(Statement& statement, const char* text);

  RunClock& clock_;
  Guard guard_{Ground::kOwn};
  challenges::ShimSet shims_ = 0;
  std::unique_ptr<sqlite3, Closer> handle_;
  Statement begin_;  // kept: they run around every change
  Statement roll_back_;
};

}  // namespace paddock::runners::sqlite
