// Users: the table of accounts, and of the identities by which providers know them.
//
// Changes are statements, for a transaction that also holds what belongs to them (a session, an
// entry of the audit log); reads are tasks. Used by identity/.
//
// Threading: loop thread only. Ownership: the database outlives it and its pending calls.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "model/ids.h"
#include "model/role.h"
#include "store/database.h"
#include "store/value.h"

namespace paddock::store {

struct UserRecord {
  UserId id;
  Role role = Role::kLearner;
  std::optional<std::string> name = std::nullopt;      // to sign in with
  std::optional<std::string> name_key = std::nullopt;  // the name, folded; unique
  std::string display_name = {};                       // NOLINT: may be left out
  std::optional<std::string> email = std::nullopt;
  std::optional<std::string> password_hash = std::nullopt;
  std::string language = {};  // NOLINT: may be left out
  std::string theme = {};     // NOLINT: may be left out
  bool disabled = false;
  SystemTime created_at = {};  // NOLINT: may be left out
  SystemTime seen_at = {};     // NOLINT: may be left out
};

/// What its owner may change by themselves.
struct Profile {
  std::string display_name;
  std::optional<std::string> email;
  std::string language;
  std::string theme;
};

/// Who a provider of identities says somebody is.
struct Identity {
  std::string issuer;
  std::string subject;
};

class Users {
 public:
  Users(Database& database, std::string name_space)
      : database_(database), name_space_(std::move(name_space)) {}

  /// kNotFound: "There is no such user." All fail as Database::Read.
  [[nodiscard]] aio::Task<Result<UserRecord>> Find(UserId id, Deadline deadline);
  [[nodiscard]] aio::Task<Result<UserRecord>> FindByName(std::string name_key, Deadline deadline);
  [[nodiscard]] aio::Task<Result<UserRecord>> FindByIdentity(Identity identity, Deadline deadline);
  /// Whether somebody can run this server: an admin who is not disabled.
  [[nodiscard]] aio::Task<Result<bool>> HasAdmin(Deadline deadline);
  [[nodiscard]] aio::Task<Result<std::int64_t>> Count(Deadline deadline);

  /// kConflict when the name is taken.
  [[nodiscard]] Statement Insert(const UserRecord& user) const;
  /// kConflict when somebody with that identity is there already.
  [[nodiscard]] Statement InsertIdentity(const Identity& identity,
                                         const UserId& user,
                                         SystemTime now) const;

  // Each of these fails with kNotFound when the user has gone.
  [[nodiscard]] Statement SetProfile(const UserId& id, const Profile& profile) const;
  [[nodiscard]] Statement SetPassword(const UserId& id, std::string hash) const;
  [[nodiscard]] Statement Touch(const UserId& id, SystemTime now) const;

  /// Replaces a hash by a stronger one of the same password, unless it was changed meanwhile.
  [[nodiscard]] Statement Rehash(const UserId& id, std::string from, std::string to) const;

  // Each of these fails with kConflict when it would leave nobody to run the server.
  [[nodiscard]] Statement SetRole(const UserId& id, Role role) const;
  /// Also while they teach a class: a class is somebody's.
  [[nodiscard]] Statement Delete(const UserId& id) const;

 private:
  Database& database_;
  std::string name_space_;
};

}  // namespace paddock::store
