#include "store/links.h"

#include <utility>

#include "store/records.h"

namespace paddock::store {
namespace {

constexpr std::string_view kMissing = "The link is not valid any more.";
constexpr std::string_view kColumns =
    "l.id, l.purpose, l.role, l.class_id, l.user_id, l.note, l.created_by, l.created_at, "
    "l.expires_at, l.uses_left";

template <class IdType>
std::optional<IdType> ToId(std::optional<std::string> text) {
  return std::move(text).transform([](std::string id) { return IdType(std::move(id)); });
}

template <class IdType>
Value ToValue(const std::optional<IdType>& id) {
  return store::ToValue(id.transform([](const IdType& present) { return present.value(); }));
}

/// A purpose that this program does not know is an invitation to nothing.
LinkPurpose ParsePurpose(std::string_view name) {
  for (const auto purpose : {LinkPurpose::kFirstAdmin, LinkPurpose::kReset}) {
    if (name == Name(purpose)) {
      return purpose;
    }
  }
  return LinkPurpose::kInvitation;
}

LinkRecord ReadLink(RowReader& reader) {
  LinkRecord link{.id = LinkId(reader.Text())};
  link.purpose = ParsePurpose(reader.Text());
  link.role = ReadRole(reader);
  link.class_id = ToId<ClassId>(reader.OptionalText());
  link.user = ToId<UserId>(reader.OptionalText());
  link.note = reader.Text();
  link.created_by = ToId<UserId>(reader.OptionalText());
  link.created_at = reader.Time();
  link.expires_at = reader.Time();
  link.uses_left = reader.Integer();
  return link;
}

LinkView ReadView(RowReader& reader) {
  LinkView view{.link = ReadLink(reader)};
  view.class_name = reader.OptionalText();
  view.user_name = reader.OptionalText();
  return view;
}

Error Missing() { return {.code = Code::kNotFound, .message = std::string(kMissing)}; }

}  // namespace

std::string_view Name(LinkPurpose purpose) noexcept {
  switch (purpose) {
    case LinkPurpose::kFirstAdmin: return "first_admin";
    case LinkPurpose::kInvitation: return "invitation";
    case LinkPurpose::kReset: return "reset";
  }
  return "unknown";
}

aio::Task<Result<LinkView>> Links::FindBySecret(std::string secret_hash,
                                                SystemTime now,
                                                Deadline deadline) {
  Statement statement{
      .sql = "SELECT " + std::string(kColumns) +
             ", c.name, u.name FROM links l "
             "LEFT JOIN classes c ON c.namespace = l.namespace AND c.id = l.class_id "
             "LEFT JOIN users u ON u.namespace = l.namespace AND u.id = l.user_id "
             "WHERE l.namespace = ? AND l.secret_hash = ? AND l.uses_left > 0 AND l.expires_at > ? "
             // The class that it led into may have gone.
             "AND (l.class_id IS NULL OR c.id IS NOT NULL)",
      .values = {name_space_, std::move(secret_hash), store::ToValue(now)}};
  auto rows = co_await database_.Read(std::move(statement), deadline);
  co_return ReadOne(rows, ReadView, std::string(kMissing));
}

aio::Task<Result<std::vector<LinkRecord>>> Links::ListInvitations(std::optional<ClassId> class_id,
                                                                  SystemTime now,
                                                                  Deadline deadline) {
  Statement statement{.sql = "SELECT " + std::string(kColumns) +
                             " FROM links l WHERE l.namespace = ? AND l.purpose = 'invitation' "
                             "AND l.uses_left > 0 AND l.expires_at > ?",
                      .values = {name_space_, store::ToValue(now)}};
  if (class_id) {
    statement.sql += " AND l.class_id = ?";
    statement.values.emplace_back(class_id->value());
  }
  statement.sql += " ORDER BY l.created_at DESC, l.id LIMIT ?";
  statement.values.emplace_back(kListedMax);
  auto rows = co_await database_.Read(std::move(statement), deadline);
  co_return ReadAll(rows, ReadLink);
}

Statement Links::Insert(const LinkRecord& link, std::string secret_hash) const {
  return {
      .sql =
          "INSERT INTO links (namespace, id, secret_hash, purpose, role, class_id, user_id, "
          "note, created_by, created_at, expires_at, uses_left) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      .values = {name_space_, link.id.value(), std::move(secret_hash),
                 std::string(Name(link.purpose)), std::string(Name(link.role)),
                 ToValue(link.class_id), ToValue(link.user), link.note, ToValue(link.created_by),
                 store::ToValue(link.created_at), store::ToValue(link.expires_at), link.uses_left}};
}

Statement Links::Use(const LinkId& id, SystemTime now) const {
  return {.sql =
              "UPDATE links SET uses_left = uses_left - 1 WHERE namespace = ? AND id = ? "
              "AND uses_left > 0 AND expires_at > ?",
          .values = {name_space_, id.value(), store::ToValue(now)},
          .if_none = Missing()};
}

Statement Links::DeleteInvitation(const LinkId& id, const std::optional<ClassId>& class_id) const {
  Statement statement{
      .sql = "DELETE FROM links WHERE namespace = ? AND id = ? AND purpose = 'invitation'",
      .values = {name_space_, id.value()},
      .if_none = Error{.code = Code::kNotFound, .message = "There is no such invitation."}};
  if (class_id) {
    statement.sql += " AND class_id = ?";
    statement.values.emplace_back(class_id->value());
  }
  return statement;
}

Statement Links::DeleteFirstAdmin() const {
  return {.sql = "DELETE FROM links WHERE namespace = ? AND purpose = 'first_admin'",
          .values = {name_space_}};
}

Statement Links::DeleteResets(const UserId& user) const {
  return {.sql = "DELETE FROM links WHERE namespace = ? AND user_id = ? AND purpose = 'reset'",
          .values = {name_space_, user.value()}};
}

Statement Links::DeleteExpired(SystemTime now, std::int64_t rows_max) const {
  return {.sql =
              "DELETE FROM links WHERE namespace = ? AND id IN (SELECT id FROM links "
              "WHERE namespace = ? AND (expires_at <= ? OR uses_left <= 0) LIMIT ?)",
          .values = {name_space_, name_space_, store::ToValue(now), rows_max}};
}

}  // namespace paddock::store
