// The tables of classes and of who is in them.
//
// ClassTable makes the statements and reads their rows; identity/classes.h sends them, together
// with the audit log's. A limit is part of the statement that it limits: each transaction first
// locks, by an update that changes nothing, the row whose dependents it counts, so that two at once
// cannot both get the last place on either database.
//
// Threading: pure functions and plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/ids.h"
#include "store/database.h"
#include "store/quotas.h"
#include "store/value.h"

namespace paddock::store {

struct ClassRecord {
  ClassId id;
  std::string name;
  UserId teacher;
  std::string teacher_name;  // to show; not written
  std::string join_code;     // 8 characters, as identity/join_code.h makes them
  bool joinable = true;
  Quota quota = {};
  SystemTime created_at;
  std::int64_t member_count = 0;  // not written
  bool is_member = false;         // of whom it was read for; not written
};

struct MemberRecord {
  UserId id;
  std::string display_name;
  std::optional<std::string> name;
  SystemTime joined_at;
};

/// The absent stay as they are.
struct ClassChange {
  std::optional<std::string> name = std::nullopt;
  std::optional<bool> joinable = std::nullopt;
  std::optional<Quota> quota = std::nullopt;
  std::optional<UserId> teacher = std::nullopt;
  std::optional<std::string> join_code = std::nullopt;
};

struct PageQuery {
  std::optional<std::string> after = std::nullopt;  // the id of the last of the page before
  std::int64_t limit = 50;
};

class ClassTable {
 public:
  explicit ClassTable(std::string name_space) : name_space_(std::move(name_space)) {}

  // Reading. `reader` is whose membership `is_member` tells.
  [[nodiscard]] Statement SelectOne(const ClassId& id, const UserId& reader) const;
  [[nodiscard]] Statement SelectByCode(const std::string& code, const UserId& reader) const;
  /// Those that `reader` teaches or is in; by name.
  [[nodiscard]] Statement SelectMine(const UserId& reader, std::int64_t limit) const;
  [[nodiscard]] Statement SelectAll(const UserId& reader, std::int64_t limit) const;
  [[nodiscard]] static Result<std::vector<ClassRecord>> ReadClasses(const Rows& rows);

  [[nodiscard]] Statement SelectMembers(const ClassId& id, const PageQuery& page) const;
  [[nodiscard]] Statement SelectMember(const ClassId& id, const UserId& member) const;
  [[nodiscard]] static Result<std::vector<MemberRecord>> ReadMembers(const Rows& rows);

  /// The quotas of the classes that `member` is in.
  [[nodiscard]] Statement SelectQuotasOf(const UserId& member) const;
  [[nodiscard]] static Result<std::vector<Quota>> ReadQuotas(const Rows& rows);

  // Writing, each with what must be true in its if_none.
  /// Locks a user who may teach; kConflict in `otherwise` when there is none.
  [[nodiscard]] Statement LockTeacher(const UserId& teacher, Error otherwise) const;
  [[nodiscard]] Statement Insert(const ClassRecord& record,
                                 std::int64_t per_teacher_max,
                                 Error when_full) const;
  [[nodiscard]] Statement Update(const ClassId& id, const ClassChange& change) const;
  [[nodiscard]] Statement Delete(const ClassId& id) const;

  /// Locks a class that lets people in by `code`; kNotFound in `otherwise`.
  [[nodiscard]] Statement LockByCode(const std::string& code, Error otherwise) const;
  /// Locks a class for `member`, who is to be in it without a code; not for its teacher.
  [[nodiscard]] Statement LockFor(const ClassId& id, const UserId& member, Error otherwise) const;
  /// Whoever is in it already stays in it.
  [[nodiscard]] Statement InsertMember(const ClassId& id,
                                       const UserId& member,
                                       SystemTime joined_at,
                                       std::int64_t members_max,
                                       Error when_full) const;
  [[nodiscard]] Statement DeleteMember(const ClassId& id,
                                       const UserId& member,
                                       std::optional<Error> otherwise) const;
  /// The links that lead into a class; the table knows of no reference from them.
  [[nodiscard]] Statement DeleteInvitations(const ClassId& id) const;

 private:
  [[nodiscard]] Statement Select(const UserId& reader, std::string_view rest) const;

  std::string name_space_;
};

}  // namespace paddock::store
