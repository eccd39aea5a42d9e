#include "store/user_directory.h"

namespace paddock::store {
namespace {

constexpr std::string_view kSelect =
    "SELECT u.id, u.role, u.name, u.display_name, u.email, u.language, u.theme, "
    "CASE WHEN u.password_hash IS NULL THEN 0 ELSE 1 END, u.disabled, u.created_at, u.seen_at, "
    "(SELECT COUNT(*) FROM class_members m WHERE m.namespace = u.namespace AND m.user_id = u.id), "
    "(SELECT COUNT(*) FROM classes c WHERE c.namespace = u.namespace AND c.teacher_id = u.id) "
    "FROM users u WHERE u.namespace = ?";

constexpr std::string_view kAnotherAdmin =
    "EXISTS (SELECT 1 FROM users o WHERE o.namespace = users.namespace AND o.role = 'admin' "
    "AND o.disabled = 0 AND o.id <> users.id)";
constexpr std::string_view kTeachesNothing =
    "NOT EXISTS (SELECT 1 FROM classes c WHERE c.namespace = users.namespace "
    "AND c.teacher_id = users.id)";

/// Matches `text` anywhere, and nothing else: % and _ mean themselves.
std::string Pattern(const std::string& text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') {
      pattern += '\\';
    }
    pattern += c;
  }
  return pattern + '%';
}

Result<DirectoryEntry> ReadEntry(const Row& row) {
  RowReader reader(row);
  UserId id(reader.Text());
  const auto role = ParseRole(reader.Text());
  DirectoryEntry entry{.id = std::move(id),
                       .role = role.value_or(Role::kGuest),
                       .name = reader.OptionalText(),
                       .display_name = reader.Text(),
                       .email = reader.OptionalText(),
                       .language = reader.Text(),
                       .theme = reader.Text(),
                       .has_password = reader.Integer() != 0,
                       .is_disabled = reader.Truth(),
                       .created_at = reader.Time(),
                       .seen_at = reader.Time()};
  const auto member_count = reader.Integer();
  entry.taught_count = reader.Integer();
  entry.class_count = member_count + entry.taught_count;
  auto whole = reader.Finish();
  if (!whole) {
    return Fail(std::move(whole).error().With("users"));
  }
  return entry;
}

}  // namespace

Statement UserDirectoryTable::Select(const DirectoryQuery& query) const {
  Statement statement{.sql = std::string(kSelect), .values = {name_space_}};
  if (query.text) {
    statement.sql +=
        " AND (LOWER(u.display_name) LIKE LOWER(?) ESCAPE '\\' OR LOWER(u.name) LIKE LOWER(?) "
        "ESCAPE '\\' OR LOWER(u.email) LIKE LOWER(?) ESCAPE '\\')";
    const std::string pattern = Pattern(*query.text);
    statement.values.insert(statement.values.end(), {pattern, pattern, pattern});
  }
  if (query.role) {
    statement.sql += " AND u.role = ?";
    statement.values.emplace_back(std::string(Name(*query.role)));
  }
  if (query.after) {
    statement.sql +=
        " AND (u.created_at, u.id) < (SELECT a.created_at, a.id FROM users a "
        "WHERE a.namespace = ? AND a.id = ?)";
    statement.values.insert(statement.values.end(), {name_space_, *query.after});
  }
  statement.sql += " ORDER BY u.created_at DESC, u.id DESC LIMIT ?";
  statement.values.emplace_back(query.limit);
  return statement;
}

Statement UserDirectoryTable::SelectOne(const UserId& id) const {
  Statement statement{.sql = std::string(kSelect), .values = {name_space_, id.value()}};
  statement.sql += " AND u.id = ?";
  return statement;
}

Result<std::vector<DirectoryEntry>> UserDirectoryTable::ReadEntries(const Rows& rows) {
  std::vector<DirectoryEntry> entries;
  entries.reserve(rows.rows.size());
  for (const Row& row : rows.rows) {
    auto read = ReadEntry(row);
    if (!read) {
      return Fail(std::move(read).error());
    }
    entries.push_back(*std::move(read));
  }
  return entries;
}

Statement UserDirectoryTable::CountAccounts() const {
  return {.sql = "SELECT COUNT(*) FROM users WHERE namespace = ?", .values = {name_space_}};
}

Result<std::int64_t> UserDirectoryTable::ReadCount(const Rows& rows) {
  if (rows.rows.size() != 1) {
    return Fail(Code::kInternal, "a count has one row");
  }
  RowReader reader(rows.rows.front());
  const auto count = reader.Integer();
  auto whole = reader.Finish();
  if (!whole) {
    return Fail(std::move(whole).error());
  }
  return count;
}

Statement UserDirectoryTable::LockAdmins() const {
  return {.sql = "UPDATE users SET role = role WHERE namespace = ? AND role = 'admin'",
          .values = {name_space_}};
}

Statement UserDirectoryTable::Lock(const UserId& id, Error otherwise) const {
  return {.sql = "UPDATE users SET role = role WHERE namespace = ? AND id = ?",
          .values = {name_space_, id.value()},
          .if_none = std::move(otherwise)};
}

Statement UserDirectoryTable::SetRole(const UserId& id, Role role, Error otherwise) const {
  Statement statement{.sql = "UPDATE users SET role = ? WHERE namespace = ? AND id = ?",
                      .values = {std::string(Name(role)), name_space_, id.value()},
                      .if_none = std::move(otherwise)};
  if (role != Role::kAdmin) {
    statement.sql.append(" AND (role <> 'admin' OR ").append(kAnotherAdmin).append(")");
  }
  if (role == Role::kLearner) {
    statement.sql.append(" AND ").append(kTeachesNothing);
  }
  return statement;
}

Statement UserDirectoryTable::SetDisabled(const UserId& id, bool disabled, Error otherwise) const {
  Statement statement{.sql = "UPDATE users SET disabled = ? WHERE namespace = ? AND id = ?",
                      .values = {ToValue(disabled), name_space_, id.value()},
                      .if_none = std::move(otherwise)};
  if (disabled) {
    statement.sql.append(" AND (role <> 'admin' OR ").append(kAnotherAdmin).append(")");
  }
  return statement;
}

Statement UserDirectoryTable::SetDisplayName(const UserId& id, const std::string& name) const {
  return {.sql = "UPDATE users SET display_name = ? WHERE namespace = ? AND id = ?",
          .values = {name, name_space_, id.value()}};
}

Statement UserDirectoryTable::DeleteSessions(const UserId& id) const {
  return {
      .sql = "DELETE FROM sessions WHERE namespace = ? AND (user_id = ? OR acting_admin_id = ?)",
      .values = {name_space_, id.value(), id.value()}};
}

Statement UserDirectoryTable::Delete(const UserId& id, Error otherwise) const {
  Statement statement{.sql = "DELETE FROM users WHERE namespace = ? AND id = ?",
                      .values = {name_space_, id.value()},
                      .if_none = std::move(otherwise)};
  statement.sql.append(" AND (role <> 'admin' OR ")
      .append(kAnotherAdmin)
      .append(") AND ")
      .append(kTeachesNothing);
  return statement;
}

}  // namespace paddock::store
