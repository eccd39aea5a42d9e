#include "store/users.h"

#include <utility>
#include <vector>

#include "store/records.h"

namespace paddock::store {
namespace {

constexpr std::string_view kSelectUser =
    "SELECT u.id, u.role, u.name, u.name_key, u.display_name, u.email, u.password_hash, "
    "u.language, u.theme, u.disabled, u.created_at, u.seen_at FROM users u ";
/// True of a user without whom somebody else would still run the server.
constexpr std::string_view kOthersRunTheServer =
    "(role <> 'admin' OR disabled = 1 OR EXISTS (SELECT 1 FROM users o WHERE o.namespace = "
    "users.namespace AND o.id <> users.id AND o.role = 'admin' AND o.disabled = 0))";
constexpr std::string_view kMissing = "There is no such user.";

UserRecord ReadUser(RowReader& reader) {
  UserRecord user{.id = UserId(reader.Text())};
  user.role = ReadRole(reader);
  user.name = reader.OptionalText();
  user.name_key = reader.OptionalText();
  user.display_name = reader.Text();
  user.email = reader.OptionalText();
  user.password_hash = reader.OptionalText();
  user.language = reader.Text();
  user.theme = reader.Text();
  user.disabled = reader.Truth();
  user.created_at = reader.Time();
  user.seen_at = reader.Time();
  return user;
}

std::int64_t ReadNumber(RowReader& reader) { return reader.Integer(); }

Error Missing() { return {.code = Code::kNotFound, .message = std::string(kMissing)}; }

Error LastAdmin() {
  return {.code = Code::kConflict,
          .message = "This is the last admin: make somebody else an admin first."};
}

}  // namespace

aio::Task<Result<UserRecord>> Users::Find(UserId id, Deadline deadline) {
  Statement statement{.sql = std::string(kSelectUser) + "WHERE u.namespace = ? AND u.id = ?",
                      .values = {name_space_, id.value()}};
  auto rows = co_await database_.Read(std::move(statement), deadline);
  co_return ReadOne(rows, ReadUser, std::string(kMissing));
}

aio::Task<Result<UserRecord>> Users::FindByName(std::string name_key, Deadline deadline) {
  Statement statement{.sql = std::string(kSelectUser) + "WHERE u.namespace = ? AND u.name_key = ?",
                      .values = {name_space_, std::move(name_key)}};
  auto rows = co_await database_.Read(std::move(statement), deadline);
  co_return ReadOne(rows, ReadUser, std::string(kMissing));
}

aio::Task<Result<UserRecord>> Users::FindByIdentity(Identity identity, Deadline deadline) {
  Statement statement{
      .sql = std::string(kSelectUser) +
             "JOIN identities i ON i.namespace = u.namespace AND i.user_id = u.id "
             "WHERE i.namespace = ? AND i.issuer = ? AND i.subject = ?",
      .values = {name_space_, std::move(identity.issuer), std::move(identity.subject)}};
  auto rows = co_await database_.Read(std::move(statement), deadline);
  co_return ReadOne(rows, ReadUser, std::string(kMissing));
}

aio::Task<Result<bool>> Users::HasAdmin(Deadline deadline) {
  Statement statement{.sql =
                          "SELECT COUNT(*) FROM users WHERE namespace = ? AND role = 'admin' "
                          "AND disabled = 0",
                      .values = {name_space_}};
  auto rows = co_await database_.Read(std::move(statement), deadline);
  auto count = ReadOne(rows, ReadNumber, {});
  if (!count) {
    co_return Fail(std::move(count).error());
  }
  co_return *count > 0;
}

aio::Task<Result<std::int64_t>> Users::Count(Deadline deadline) {
  Statement statement{.sql = "SELECT COUNT(*) FROM users WHERE namespace = ?",
                      .values = {name_space_}};
  auto rows = co_await database_.Read(std::move(statement), deadline);
  co_return ReadOne(rows, ReadNumber, {});
}

Statement Users::Insert(const UserRecord& user) const {
  return {.sql =
              "INSERT INTO users (namespace, id, role, name, name_key, display_name, email, "
              "password_hash, language, theme, disabled, created_at, seen_at) "
              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          .values = {name_space_, user.id.value(), std::string(Name(user.role)), ToValue(user.name),
                     ToValue(user.name_key), user.display_name, ToValue(user.email),
                     ToValue(user.password_hash), user.language, user.theme, ToValue(user.disabled),
                     ToValue(user.created_at), ToValue(user.seen_at)},
          .if_taken = Error{.code = Code::kConflict,
                            .message = "The name is taken. Please choose another."}};
}

Statement Users::InsertIdentity(const Identity& identity,
                                const UserId& user,
                                SystemTime now) const {
  return {.sql =
              "INSERT INTO identities (namespace, issuer, subject, user_id, created_at) "
              "VALUES (?, ?, ?, ?, ?)",
          .values = {name_space_, identity.issuer, identity.subject, user.value(), ToValue(now)},
          .if_taken = Error{.code = Code::kConflict,
                            .message = "Somebody with this identity is here already."}};
}

Statement Users::SetProfile(const UserId& id, const Profile& profile) const {
  return {.sql =
              "UPDATE users SET display_name = ?, email = ?, language = ?, theme = ? "
              "WHERE namespace = ? AND id = ?",
          .values = {profile.display_name, ToValue(profile.email), profile.language, profile.theme,
                     name_space_, id.value()},
          .if_none = Missing()};
}

Statement Users::SetPassword(const UserId& id, std::string hash) const {
  return {.sql = "UPDATE users SET password_hash = ? WHERE namespace = ? AND id = ?",
          .values = {std::move(hash), name_space_, id.value()},
          .if_none = Missing()};
}

Statement Users::Touch(const UserId& id, SystemTime now) const {
  return {.sql = "UPDATE users SET seen_at = ? WHERE namespace = ? AND id = ?",
          .values = {ToValue(now), name_space_, id.value()},
          .if_none = Missing()};
}

Statement Users::Rehash(const UserId& id, std::string from, std::string to) const {
  return {.sql =
              "UPDATE users SET password_hash = ? WHERE namespace = ? AND id = ? "
              "AND password_hash = ?",
          .values = {std::move(to), name_space_, id.value(), std::move(from)}};
}

Statement Users::SetRole(const UserId& id, Role role) const {
  std::string sql = "UPDATE users SET role = ? WHERE namespace = ? AND id = ?";
  if (role != Role::kAdmin) {
    sql.append(" AND ").append(kOthersRunTheServer);
  }
  return {.sql = std::move(sql),
          .values = {std::string(Name(role)), name_space_, id.value()},
          .if_none = LastAdmin()};
}

Statement Users::Delete(const UserId& id) const {
  return {.sql =
              "DELETE FROM users WHERE namespace = ? AND id = ? AND NOT EXISTS (SELECT 1 FROM "
              "classes c WHERE c.namespace = users.namespace AND c.teacher_id = users.id) AND " +
              std::string(kOthersRunTheServer),
          .values = {name_space_, id.value()},
          .if_none = Error{.code = Code::kConflict,
                           .message = "The last admin, and whoever has classes, cannot be deleted: "
                                      "give them to somebody else first."}};
}

}  // namespace paddock::store
