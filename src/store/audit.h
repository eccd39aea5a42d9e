// The audit table: who did what to whom, from where.
//
// An entry is inserted by the transaction of the change that it speaks of: there is none without
// the other. Used by identity/audit_log.h. Entries copy the names, because they outlive those of
// whom they speak.
//
// Threading: pure functions and plain values; the coroutines as Database.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "store/database.h"
#include "store/value.h"

namespace paddock::store {

/// Longer texts are cut when they are written: an entry must never be what fails a change.
inline constexpr std::size_t kAuditTextBytesMax = 256;
inline constexpr std::size_t kAuditDetailCountMax = 16;

struct AuditEntry {
  std::string id;
  SystemTime at;
  std::string actor_id;    // "" when nobody is known: a sign-in that was refused
  std::string actor_name;  // as it was then
  std::optional<std::string> acting_as_id = std::nullopt;  // the actor is an admin acting as them
  std::string action;                                      // "user.role_changed"
  std::string subject_kind;                                // "user", "class", ...
  std::string subject_id;
  std::string subject_name;
  std::string address;  // of the client
  // NOLINTNEXTLINE(readability-redundant-member-init): may be left out
  std::map<std::string, std::string> detail = {};  // what changed: {"role": "teacher"}
};

struct AuditQuery {
  std::optional<std::string> actor_id = std::nullopt;  // also what was done as them
  std::optional<std::string> subject_id = std::nullopt;
  std::optional<std::string> action = std::nullopt;
  std::optional<SystemTime> until = std::nullopt;    // not later than this
  std::optional<std::string> before = std::nullopt;  // entries older than the one with this id
  std::int64_t limit = 50;
};

/// An entry, and the names that those in it have now; absent when they are gone.
struct AuditRow {
  AuditEntry entry;
  std::optional<std::string> acting_as_name;
};

[[nodiscard]] Statement InsertAudit(std::string_view name_space, const AuditEntry& entry);

/// Newest first. Fails like Database::Read.
[[nodiscard]] aio::Task<Result<std::vector<AuditRow>>> ListAudit(Database& database,  // outlives it
                                                                 std::string name_space,
                                                                 AuditQuery query,
                                                                 Deadline deadline);

/// Deletes at most `rows_max` of the entries before `before`, the oldest first, and says how many.
/// Fails like Database::Write.
[[nodiscard]] aio::Task<Result<std::int64_t>> PruneAudit(Database& database,  // outlives it
                                                         std::string name_space,
                                                         SystemTime before,
                                                         std::int64_t rows_max,
                                                         Deadline deadline);

}  // namespace paddock::store
