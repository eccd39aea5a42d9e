// Sessions: the table of those who are signed in with a browser.
//
// A session is found by the SHA-256 of its secret; the secret itself is only in the cookie.
//
// Threading: loop thread only. Ownership: the database outlives it and its pending calls.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "model/ids.h"
#include "model/role.h"
#include "store/database.h"
#include "store/value.h"

namespace paddock::store {

/// Of one user; signing in once more ends the one unused for longest.
inline constexpr std::int64_t kSessionsPerUserMax = 50;

struct SessionRecord {
  SessionId id;
  UserId user;
  std::optional<UserId> acting_admin = std::nullopt;  // who acts as the user
  SystemTime created_at = {};                         // NOLINT: may be left out
  SystemTime seen_at = {};                            // NOLINT: may be left out
  SystemTime expires_at = {};                         // NOLINT: may be left out
  std::string address = {};                           // NOLINT: may be left out
  std::string user_agent = {};                        // NOLINT: may be left out
};

/// A session with what is known of its people now.
struct SessionHolder {
  SessionRecord session;
  Role role = Role::kGuest;
  std::string name = {};  // NOLINT: to show
  bool disabled = false;
  std::string acting_admin_name = {};  // NOLINT: may be left out
  bool acting_admin_is_admin = false;  // and not disabled
};

class Sessions {
 public:
  Sessions(Database& database, std::string name_space)
      : database_(database), name_space_(std::move(name_space)) {}

  /// kNotFound. All reads fail as Database::Read.
  [[nodiscard]] aio::Task<Result<SessionHolder>> FindBySecret(std::string secret_hash,
                                                              Deadline deadline);
  [[nodiscard]] aio::Task<Result<SessionHolder>> Find(SessionId id, Deadline deadline);
  /// Those that have not expired, the last seen first; also of admins who act as the user.
  [[nodiscard]] aio::Task<Result<std::vector<SessionHolder>>> List(UserId user,
                                                                   SystemTime now,
                                                                   Deadline deadline);

  [[nodiscard]] Statement Insert(const SessionRecord& session, std::string secret_hash) const;
  /// All of `user` beyond kSessionsPerUserMax, those of acting admins left out.
  [[nodiscard]] Statement DeleteSurplus(const UserId& user) const;
  [[nodiscard]] Statement Touch(const SessionId& id, SystemTime now, SystemTime expires_at) const;
  [[nodiscard]] Statement Delete(const SessionId& id) const;
  /// kNotFound: the user has no such session.
  [[nodiscard]] Statement DeleteOf(const UserId& user, const SessionId& id) const;
  /// All of the user but `kept`.
  [[nodiscard]] Statement DeleteAllOf(const UserId& user,
                                      const std::optional<SessionId>& kept) const;
  /// At most `rows_max` that have expired before `now`.
  [[nodiscard]] Statement DeleteExpired(SystemTime now, std::int64_t rows_max) const;

 private:
  Database& database_;
  std::string name_space_;
};

}  // namespace paddock::store
