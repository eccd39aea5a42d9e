// The users as an admin sees and changes them.
//
// UserDirectoryTable makes the statements and reads their rows; identity/user_directory.h sends
// them with the audit log's. Threading: pure functions and plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/ids.h"
#include "model/role.h"
#include "store/database.h"
#include "store/value.h"

namespace paddock::store {

struct DirectoryEntry {
  UserId id;
  Role role = Role::kLearner;
  std::optional<std::string> name;  // to sign in with
  std::string display_name;
  std::optional<std::string> email;
  std::string language;
  std::string theme;
  bool has_password = false;
  bool is_disabled = false;
  SystemTime created_at;
  SystemTime seen_at;
  std::int64_t class_count = 0;   // that they teach or are in
  std::int64_t taught_count = 0;  // that they teach
};

struct DirectoryQuery {
  std::optional<std::string> text = std::nullopt;  // in a name or the email, whatever the case
  std::optional<Role> role = std::nullopt;
  std::optional<std::string> after = std::nullopt;  // the id of the last of the page before
  std::int64_t limit = 50;
};

class UserDirectoryTable {
 public:
  explicit UserDirectoryTable(std::string name_space) : name_space_(std::move(name_space)) {}

  /// Newest first.
  [[nodiscard]] Statement Select(const DirectoryQuery& query) const;
  [[nodiscard]] Statement SelectOne(const UserId& id) const;
  [[nodiscard]] static Result<std::vector<DirectoryEntry>> ReadEntries(const Rows& rows);

  [[nodiscard]] Statement CountAccounts() const;
  [[nodiscard]] static Result<std::int64_t> ReadCount(const Rows& rows);

  // Writing. Whatever could take the last admin away comes after LockAdmins, so that two admins
  // cannot do it to each other; whatever could leave a class without a teacher comes after Lock.
  [[nodiscard]] Statement LockAdmins() const;
  [[nodiscard]] Statement Lock(const UserId& id, Error otherwise) const;
  /// In a learner's case only who teaches nothing.
  [[nodiscard]] Statement SetRole(const UserId& id, Role role, Error otherwise) const;
  [[nodiscard]] Statement SetDisabled(const UserId& id, bool disabled, Error otherwise) const;
  [[nodiscard]] Statement SetDisplayName(const UserId& id, const std::string& name) const;
  [[nodiscard]] Statement DeleteSessions(const UserId& id) const;
  /// Only who teaches nothing.
  [[nodiscard]] Statement Delete(const UserId& id, Error otherwise) const;

 private:
  std::string name_space_;
};

}  // namespace paddock::store
