#include "store/sessions.h"

#include <string_view>
#include <utility>

#include "store/records.h"

namespace paddock::store {
namespace {

constexpr std::int64_t kListedMax = 200;
constexpr std::string_view kMissing = "There is no such session.";
constexpr std::string_view kSelectHolder =
    "SELECT s.id, s.user_id, s.acting_admin_id, s.created_at, s.seen_at, s.expires_at, s.address, "
    "s.user_agent, u.role, COALESCE(u.name, u.display_name), u.disabled, "
    "COALESCE(a.name, a.display_name, ''), "
    "CASE WHEN a.role = 'admin' AND a.disabled = 0 THEN 1 ELSE 0 END "
    "FROM sessions s JOIN users u ON u.namespace = s.namespace AND u.id = s.user_id "
    "LEFT JOIN users a ON a.namespace = s.namespace AND a.id = s.acting_admin_id ";

SessionHolder ReadHolder(RowReader& reader) {
  SessionRecord session{.id = SessionId(reader.Text()), .user = UserId(reader.Text())};
  if (auto admin = reader.OptionalText()) {
    session.acting_admin = UserId(*std::move(admin));
  }
  session.created_at = reader.Time();
  session.seen_at = reader.Time();
  session.expires_at = reader.Time();
  session.address = reader.Text();
  session.user_agent = reader.Text();
  SessionHolder holder{.session = std::move(session)};
  holder.role = ReadRole(reader);
  holder.name = reader.Text();
  holder.disabled = reader.Truth();
  holder.acting_admin_name = reader.Text();
  holder.acting_admin_is_admin = reader.Truth();
  return holder;
}

}  // namespace

aio::Task<Result<SessionHolder>> Sessions::FindBySecret(std::string secret_hash,
                                                        Deadline deadline) {
  Statement statement{
      .sql = std::string(kSelectHolder) + "WHERE s.namespace = ? AND s.secret_hash = ?",
      .values = {name_space_, std::move(secret_hash)}};
  auto rows = co_await database_.Read(std::move(statement), deadline);
  co_return ReadOne(rows, ReadHolder, std::string(kMissing));
}

aio::Task<Result<SessionHolder>> Sessions::Find(SessionId id, Deadline deadline) {
  Statement statement{.sql = std::string(kSelectHolder) + "WHERE s.namespace = ? AND s.id = ?",
                      .values = {name_space_, id.value()}};
  auto rows = co_await database_.Read(std::move(statement), deadline);
  co_return ReadOne(rows, ReadHolder, std::string(kMissing));
}

aio::Task<Result<std::vector<SessionHolder>>> Sessions::List(UserId user,
                                                             SystemTime now,
                                                             Deadline deadline) {
  Statement statement{.sql = std::string(kSelectHolder) +
                             "WHERE s.namespace = ? AND s.user_id = ? AND s.expires_at > ? "
                             "ORDER BY s.seen_at DESC, s.id LIMIT ?",
                      .values = {name_space_, user.value(), ToValue(now), kListedMax}};
  auto rows = co_await database_.Read(std::move(statement), deadline);
  co_return ReadAll(rows, ReadHolder);
}

Statement Sessions::Insert(const SessionRecord& session, std::string secret_hash) const {
  std::optional<std::string> admin;
  if (session.acting_admin) {
    admin = session.acting_admin->value();
  }
  return {
      .sql =
          "INSERT INTO sessions (namespace, id, secret_hash, user_id, acting_admin_id, "
          "created_at, seen_at, expires_at, address, user_agent) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      .values = {name_space_, session.id.value(), std::move(secret_hash), session.user.value(),
                 ToValue(std::move(admin)), ToValue(session.created_at), ToValue(session.seen_at),
                 ToValue(session.expires_at), session.address, session.user_agent}};
}

Statement Sessions::DeleteSurplus(const UserId& user) const {
  return {.sql =
              "DELETE FROM sessions WHERE namespace = ? AND id IN (SELECT id FROM sessions "
              "WHERE namespace = ? AND user_id = ? AND acting_admin_id IS NULL "
              "ORDER BY seen_at DESC, id LIMIT ? OFFSET ?)",
          .values = {name_space_, name_space_, user.value(), kListedMax, kSessionsPerUserMax}};
}

Statement Sessions::Touch(const SessionId& id, SystemTime now, SystemTime expires_at) const {
  return {.sql = "UPDATE sessions SET seen_at = ?, expires_at = ? WHERE namespace = ? AND id = ?",
          .values = {ToValue(now), ToValue(expires_at), name_space_, id.value()}};
}

Statement Sessions::Delete(const SessionId& id) const {
  return {.sql = "DELETE FROM sessions WHERE namespace = ? AND id = ?",
          .values = {name_space_, id.value()}};
}

Statement Sessions::DeleteOf(const UserId& user, const SessionId& id) const {
  return {.sql = "DELETE FROM sessions WHERE namespace = ? AND id = ? AND user_id = ?",
          .values = {name_space_, id.value(), user.value()},
          .if_none = Error{.code = Code::kNotFound, .message = std::string(kMissing)}};
}

Statement Sessions::DeleteAllOf(const UserId& user, const std::optional<SessionId>& kept) const {
  return {.sql = "DELETE FROM sessions WHERE namespace = ? AND user_id = ? AND id <> ?",
          .values = {name_space_, user.value(), kept ? kept->value() : std::string()}};
}

Statement Sessions::DeleteExpired(SystemTime now, std::int64_t rows_max) const {
  return {.sql =
              "DELETE FROM sessions WHERE namespace = ? AND id IN (SELECT id FROM sessions "
              "WHERE namespace = ? AND expires_at <= ? LIMIT ?)",
          .values = {name_space_, name_space_, ToValue(now), rows_max}};
}

}  // namespace paddock::store
