// SqlHistory: the table of what people ran in sessions with databases.
//
// Each text is there once, as it was run last, so that saving it again changes nothing. What a user
// may keep is bounded; the oldest go.
//
// Used by the routes of SQL, and by whatever moves and deletes what somebody has. Threading: loop
// thread only. Ownership: the database outlives it and its pending calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "model/ids.h"
#include "store/database.h"
#include "store/value.h"

namespace paddock::store {

struct SqlHistoryEntry {
  std::string text;
  std::string engine;
  std::string database;  // as the page calls it
  SystemTime ran_at;
  std::int64_t elapsed_ms = 0;
  bool failed = false;
};

class SqlHistory {
 public:
  // Of one user.
  static constexpr std::int64_t kEntriesMax = 200;
  static constexpr std::int64_t kTextBytesMax = std::int64_t{1024} * 1024;  // of all texts
  static constexpr std::size_t kEntryBytesMax = std::size_t{64} * 1024;

  SqlHistory(Database& database, std::string name_space)
      : database_(database), name_space_(std::move(name_space)) {}

  /// Newest first. Fails as Database::Read.
  [[nodiscard]] aio::Task<Result<std::vector<SqlHistoryEntry>>> List(UserId user,
                                                                     Deadline deadline);

  /// An older run of a text that is there changes nothing. Fails as Database::Write.
  [[nodiscard]] aio::Task<Result<void>> Add(UserId user, SqlHistoryEntry entry, Deadline deadline);

  /// Fails as Database::Write.
  [[nodiscard]] aio::Task<Result<void>> Clear(UserId user, Deadline deadline);

  /// Hands over what a guest ran, as far as there is room.
  [[nodiscard]] Transaction MoveAll(const UserId& from, const UserId& to) const;
  [[nodiscard]] Statement DeleteAll(const UserId& user) const;

 private:
  [[nodiscard]] Statement Insert(const UserId& user, const SqlHistoryEntry& entry) const;
  [[nodiscard]] Statement Trim(const UserId& user) const;

  Database& database_;
  std::string name_space_;
};

}  // namespace paddock::store
