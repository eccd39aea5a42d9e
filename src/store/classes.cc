#include "store/classes.h"

#include <utility>

namespace paddock::store {
namespace {

constexpr std::string_view kSelect =
    "SELECT c.id, c.name, c.teacher_id, t.display_name, c.join_code, c.joinable, "
    "c.sandboxes_max, c.memory_max_bytes, c.lifetime_max_s, c.created_at, "
    "(SELECT COUNT(*) FROM class_members m WHERE m.namespace = c.namespace AND m.class_id = c.id), "
    "(SELECT COUNT(*) FROM class_members m WHERE m.namespace = c.namespace AND m.class_id = c.id "
    "AND m.user_id = ?) "
    "FROM classes c JOIN users t ON t.namespace = c.namespace AND t.id = c.teacher_id "
    "WHERE c.namespace = ?";

Result<ClassRecord> ReadClass(const Row& row) {
  RowReader reader(row);
  ClassId id(reader.Text());
  auto name = reader.Text();
  UserId teacher(reader.Text());
  ClassRecord record{.id = std::move(id),
                     .name = std::move(name),
                     .teacher = std::move(teacher),
                     .teacher_name = reader.Text(),
                     .join_code = reader.Text(),
                     .joinable = reader.Truth(),
                     .quota = ReadQuota(reader),
                     .created_at = reader.Time(),
                     .member_count = reader.Integer(),
                     .is_member = reader.Integer() != 0};
  auto whole = reader.Finish();
  if (!whole) {
    return Fail(std::move(whole).error().With("classes"));
  }
  return record;
}

Result<MemberRecord> ReadMember(const Row& row) {
  RowReader reader(row);
  UserId id(reader.Text());
  MemberRecord record{.id = std::move(id),
                      .display_name = reader.Text(),
                      .name = reader.OptionalText(),
                      .joined_at = reader.Time()};
  auto whole = reader.Finish();
  if (!whole) {
    return Fail(std::move(whole).error().With("class_members"));
  }
  return record;
}

}  // namespace

Statement ClassTable::Select(const UserId& reader, std::string_view rest) const {
  Statement statement{.sql = std::string(kSelect), .values = {reader.value(), name_space_}};
  statement.sql += rest;
  return statement;
}

Statement ClassTable::SelectOne(const ClassId& id, const UserId& reader) const {
  auto statement = Select(reader, " AND c.id = ?");
  statement.values.emplace_back(id.value());
  return statement;
}

Statement ClassTable::SelectByCode(const std::string& code, const UserId& reader) const {
  auto statement = Select(reader, " AND c.join_code = ? AND c.joinable = 1");
  statement.values.emplace_back(code);
  return statement;
}

Statement ClassTable::SelectMine(const UserId& reader, std::int64_t limit) const {
  auto statement = Select(reader,
                          " AND (c.teacher_id = ? OR c.id IN (SELECT class_id FROM class_members "
                          "WHERE namespace = ? AND user_id = ?)) ORDER BY c.name, c.id LIMIT ?");
  statement.values.insert(statement.values.end(),
                          {reader.value(), name_space_, reader.value(), limit});
  return statement;
}

Statement ClassTable::SelectAll(const UserId& reader, std::int64_t limit) const {
  auto statement = Select(reader, " ORDER BY c.name, c.id LIMIT ?");
  statement.values.emplace_back(limit);
  return statement;
}

Result<std::vector<ClassRecord>> ClassTable::ReadClasses(const Rows& rows) {
  std::vector<ClassRecord> classes;
  classes.reserve(rows.rows.size());
  for (const Row& row : rows.rows) {
    auto read = ReadClass(row);
    if (!read) {
      return Fail(std::move(read).error());
    }
    classes.push_back(*std::move(read));
  }
  return classes;
}

Statement ClassTable::SelectMembers(const ClassId& id, const PageQuery& page) const {
  Statement statement{.sql =
                          "SELECT u.id, u.display_name, u.name, m.joined_at FROM class_members m "
                          "JOIN users u ON u.namespace = m.namespace AND u.id = m.user_id "
                          "WHERE m.namespace = ? AND m.class_id = ?",
                      .values = {name_space_, id.value()}};
  if (page.after) {
    statement.sql +=
        " AND (m.joined_at, m.user_id) > (SELECT a.joined_at, a.user_id FROM class_members a "
        "WHERE a.namespace = ? AND a.class_id = ? AND a.user_id = ?)";
    statement.values.insert(statement.values.end(), {name_space_, id.value(), *page.after});
  }
  statement.sql += " ORDER BY m.joined_at, m.user_id LIMIT ?";
  statement.values.emplace_back(page.limit);
  return statement;
}

Statement ClassTable::SelectMember(const ClassId& id, const UserId& member) const {
  return {.sql =
              "SELECT u.id, u.display_name, u.name, m.joined_at FROM class_members m "
              "JOIN users u ON u.namespace = m.namespace AND u.id = m.user_id "
              "WHERE m.namespace = ? AND m.class_id = ? AND m.user_id = ?",
          .values = {name_space_, id.value(), member.value()}};
}

Result<std::vector<MemberRecord>> ClassTable::ReadMembers(const Rows& rows) {
  std::vector<MemberRecord> members;
  members.reserve(rows.rows.size());
  for (const Row& row : rows.rows) {
    auto read = ReadMember(row);
    if (!read) {
      return Fail(std::move(read).error());
    }
    members.push_back(*std::move(read));
  }
  return members;
}

Statement ClassTable::SelectQuotasOf(const UserId& member) const {
  return {.sql =
              "SELECT c.sandboxes_max, c.memory_max_bytes, c.lifetime_max_s "
              "FROM class_members m JOIN classes c "
              "ON c.namespace = m.namespace AND c.id = m.class_id "
              "WHERE m.namespace = ? AND m.user_id = ?",
          .values = {name_space_, member.value()}};
}

Result<std::vector<Quota>> ClassTable::ReadQuotas(const Rows& rows) {
  std::vector<Quota> quotas;
  for (const Row& row : rows.rows) {
    RowReader reader(row);
    quotas.push_back(ReadQuota(reader));
    auto whole = reader.Finish();
    if (!whole) {
      return Fail(std::move(whole).error().With("quotas of classes"));
    }
  }
  return quotas;
}

Statement ClassTable::LockTeacher(const UserId& teacher, Error otherwise) const {
  return {.sql =
              "UPDATE users SET role = role WHERE namespace = ? AND id = ? AND disabled = 0 "
              "AND role IN ('teacher', 'admin')",
          .values = {name_space_, teacher.value()},
          .if_none = std::move(otherwise)};
}

Statement ClassTable::Insert(const ClassRecord& record,
                             std::int64_t per_teacher_max,
                             Error when_full) const {
  Statement statement{
      .sql =
          "INSERT INTO classes (namespace, id, name, teacher_id, join_code, joinable, "
          "created_at, sandboxes_max, memory_max_bytes, lifetime_max_s) "
          "SELECT namespace, ?, ?, id, ?, ?, ?, ?, ?, ? FROM users "
          "WHERE namespace = ? AND id = ? AND (SELECT COUNT(*) FROM classes c "
          "WHERE c.namespace = users.namespace AND c.teacher_id = users.id) < ?",
      .values = {record.id.value(), record.name, record.join_code, ToValue(record.joinable),
                 ToValue(record.created_at)},
      .if_none = std::move(when_full),
      .if_taken = Error{.code = Code::kConflict, .message = "the join code is taken"}};
  AppendQuota(statement.values, record.quota);
  statement.values.insert(statement.values.end(),
                          {name_space_, record.teacher.value(), per_teacher_max});
  return statement;
}

Statement ClassTable::Update(const ClassId& id, const ClassChange& change) const {
  Statement statement{
      .sql = "UPDATE classes SET created_at = created_at",
      .if_none = Error{.code = Code::kNotFound, .message = "There is no such class."},
      .if_taken = Error{.code = Code::kConflict, .message = "the join code is taken"}};
  const auto set = [&statement](std::string_view assignment, Value value) {
    statement.sql.append(", ").append(assignment);
    statement.values.push_back(std::move(value));
  };
  if (change.name) {
    set("name = ?", *change.name);
  }
  if (change.joinable) {
    set("joinable = ?", ToValue(*change.joinable));
  }
  if (change.teacher) {
    set("teacher_id = ?", change.teacher->value());
  }
  if (change.join_code) {
    set("join_code = ?", *change.join_code);
  }
  if (change.quota) {
    statement.sql += ", sandboxes_max = ?, memory_max_bytes = ?, lifetime_max_s = ?";
    AppendQuota(statement.values, *change.quota);
  }
  statement.sql += " WHERE namespace = ? AND id = ?";
  statement.values.insert(statement.values.end(), {name_space_, id.value()});
  return statement;
}

Statement ClassTable::Delete(const ClassId& id) const {
  return {.sql = "DELETE FROM classes WHERE namespace = ? AND id = ?",
          .values = {name_space_, id.value()},
          .if_none = Error{.code = Code::kNotFound, .message = "There is no such class."}};
}

Statement ClassTable::LockByCode(const std::string& code, Error otherwise) const {
  return {.sql =
              "UPDATE classes SET joinable = joinable "
              "WHERE namespace = ? AND join_code = ? AND joinable = 1",
          .values = {name_space_, code},
          .if_none = std::move(otherwise)};
}

Statement ClassTable::LockFor(const ClassId& id, const UserId& member, Error otherwise) const {
  return {.sql =
              "UPDATE classes SET joinable = joinable "
              "WHERE namespace = ? AND id = ? AND teacher_id <> ?",
          .values = {name_space_, id.value(), member.value()},
          .if_none = std::move(otherwise)};
}

Statement ClassTable::InsertMember(const ClassId& id,
                                   const UserId& member,
                                   SystemTime joined_at,
                                   std::int64_t members_max,
                                   Error when_full) const {
  return {.sql =
              "INSERT INTO class_members (namespace, class_id, user_id, joined_at) "
              "SELECT namespace, id, ?, ? FROM classes WHERE namespace = ? AND id = ? "
              "AND (SELECT COUNT(*) FROM class_members m WHERE m.namespace = classes.namespace "
              "AND m.class_id = classes.id AND m.user_id <> ?) < ? "
              "ON CONFLICT (namespace, class_id, user_id) "
              "DO UPDATE SET joined_at = class_members.joined_at",
          .values = {member.value(), ToValue(joined_at), name_space_, id.value(), member.value(),
                     members_max},
          .if_none = std::move(when_full)};
}

Statement ClassTable::DeleteMember(const ClassId& id,
                                   const UserId& member,
                                   std::optional<Error> otherwise) const {
  return {.sql = "DELETE FROM class_members WHERE namespace = ? AND class_id = ? AND user_id = ?",
          .values = {name_space_, id.value(), member.value()},
          .if_none = std::move(otherwise)};
}

Statement ClassTable::DeleteInvitations(const ClassId& id) const {
  return {.sql = "DELETE FROM links WHERE namespace = ? AND class_id = ?",
          .values = {name_space_, id.value()}};
}

}  // namespace paddock::store
