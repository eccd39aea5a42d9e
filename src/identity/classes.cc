#include "identity/classes.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "identity/join_code.h"

namespace paddock::identity {
namespace {

constexpr int kCodeAttemptsMax = 5;  // a code in use is met once in billions

Error NoClass() { return {.code = Code::kNotFound, .message = "There is no such class."}; }

Error NoOpenClass() {
  return {.code = Code::kNotFound,
          .message = "There is no open class with this code: ask your teacher for a new one."};
}

Error Full() {
  return {.code = Code::kExhausted,
          .message = fmt::format("The class is full: it has {} members.", kMembersPerClassMax)};
}

Error NoTeacher() {
  return {.code = Code::kInvalid, .message = "teacher_id must be the id of a teacher"};
}

AuditSubject SubjectOf(const store::ClassRecord& record) {
  return {.kind = SubjectKind::kClass, .id = record.id.value(), .name = record.name};
}

void AddNumber(AuditDetail& detail, std::string_view name, std::optional<std::int64_t> value) {
  detail.emplace(name, value ? fmt::format("{}", *value) : std::string("none"));
}

AuditDetail DetailOf(const store::ClassChange& change) {
  AuditDetail detail;
  if (change.name) {
    detail.emplace("name", *change.name);
  }
  if (change.joinable) {
    detail.emplace("joinable", *change.joinable ? "true" : "false");
  }
  if (change.teacher) {
    detail.emplace("teacher_id", change.teacher->value());
  }
  if (change.quota) {
    AddNumber(detail, "sandboxes_max", change.quota->sandboxes_max);
    AddNumber(detail, "memory_max_bytes", change.quota->memory_max_bytes);
    AddNumber(detail, "lifetime_max_s", change.quota->lifetime_max_s);
  }
  return detail;
}

}  // namespace

Relation RelationTo(const store::ClassRecord& record, const UserId& user) noexcept {
  if (record.teacher == user) {
    return Relation::kOwn;
  }
  return record.is_member ? Relation::kClass : Relation::kOther;
}

aio::Task<Result<std::vector<store::ClassRecord>>> Classes::Read(store::Statement statement,
                                                                 Deadline deadline) {
  auto rows = co_await database_.Read(std::move(statement), deadline);
  if (!rows) {
    co_return Fail(std::move(rows).error());
  }
  co_return store::ClassTable::ReadClasses(*rows);
}

aio::Task<Result<store::ClassRecord>> Classes::ReadOne(store::Statement statement,
                                                       Error otherwise,
                                                       Deadline deadline) {
  auto found = co_await Read(std::move(statement), deadline);
  if (!found) {
    co_return Fail(std::move(found).error());
  }
  if (found->empty()) {
    co_return Fail(std::move(otherwise));
  }
  co_return std::move(found->front());
}

aio::Task<Result<void>> Classes::Write(store::Transaction transaction, Deadline deadline) {
  auto written = co_await database_.Write(std::move(transaction), deadline);
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  co_return Result<void>();
}

aio::Task<Result<std::vector<store::ClassRecord>>> Classes::ListMine(UserId user,
                                                                     Deadline deadline) {
  auto statement = table_.SelectMine(user, kClassesListedMax);
  auto found = co_await Read(std::move(statement), deadline);
  co_return found;
}

aio::Task<Result<std::vector<store::ClassRecord>>> Classes::ListAll(UserId reader,
                                                                    Deadline deadline) {
  auto statement = table_.SelectAll(reader, kClassesListedMax);
  auto found = co_await Read(std::move(statement), deadline);
  co_return found;
}

aio::Task<Result<store::ClassRecord>> Classes::Find(Principal principal,
                                                    ClassId id,
                                                    Action action,
                                                    Deadline deadline) {
  auto statement = table_.SelectOne(id, principal.user);
  auto found = co_await ReadOne(std::move(statement), NoClass(), deadline);
  if (!found) {
    co_return Fail(std::move(found).error());
  }
  const Relation relation = RelationTo(*found, principal.user);
  auto allowed = Check(principal, action, relation);
  if (!allowed && relation == Relation::kOther && principal.role != Role::kAdmin) {
    co_return Fail(NoClass());
  }
  if (!allowed) {
    co_return Fail(std::move(allowed).error());
  }
  co_return found;
}

aio::Task<Result<store::ClassRecord>> Classes::FindByCode(std::string typed,
                                                          UserId reader,
                                                          Deadline deadline) {
  const auto code = ParseJoinCode(typed);
  if (!code) {
    co_return Fail(NoOpenClass());
  }
  auto statement = table_.SelectByCode(*code, reader);
  auto found = co_await ReadOne(std::move(statement), NoOpenClass(), deadline);
  co_return found;
}

aio::Task<Result<store::ClassRecord>> Classes::Create(AuditContext context,
                                                      std::string name,
                                                      Deadline deadline) {
  const UserId teacher = context.principal->user;
  store::ClassRecord record{.id = NewId<ClassId>(),
                            .name = std::move(name),
                            .teacher = teacher,
                            .teacher_name = {},
                            .join_code = {},
                            .created_at = std::chrono::system_clock::now()};
  Error full{.code = Code::kExhausted,
             .message = fmt::format("You have {} classes, and may not have more: delete one.",
                                    kClassesPerTeacherMax)};
  Error denied{.code = Code::kDenied, .message = "Only a teacher may do this."};
  Result<void> written = Fail(Code::kConflict, "no join code was tried");
  for (int attempt = 0;
       attempt < kCodeAttemptsMax && !written && written.error().code == Code::kConflict;
       ++attempt) {
    record.join_code = NewJoinCode();
    store::Transaction transaction;
    transaction.push_back(table_.LockTeacher(teacher, denied));
    transaction.push_back(table_.Insert(record, kClassesPerTeacherMax, full));
    transaction.push_back(audit_.Entry(context, AuditAction::kClassMade, SubjectOf(record)));
    written = co_await Write(std::move(transaction), deadline);
  }
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  auto statement = table_.SelectOne(record.id, teacher);
  auto found = co_await ReadOne(std::move(statement), NoClass(), deadline);
  co_return found;
}

aio::Task<Result<void>> Classes::CheckChange(Principal principal,
                                             store::ClassChange change,
                                             Deadline deadline) {
  if (change.teacher) {
    auto allowed = Check(principal, Action::kManageUsers, Relation::kOther);
    if (!allowed) {
      co_return allowed;
    }
  }
  if (change.quota && principal.role != Role::kAdmin) {
    auto fits = co_await quotas_.CheckGift(principal.role, *change.quota, deadline);
    co_return fits;
  }
  co_return Result<void>();
}

aio::Task<Result<store::ClassRecord>> Classes::Change(AuditContext context,
                                                      store::ClassRecord before,
                                                      store::ClassChange change,
                                                      Deadline deadline) {
  const UserId reader = context.principal->user;
  auto allowed = co_await CheckChange(*context.principal, change, deadline);
  if (!allowed) {
    co_return Fail(std::move(allowed).error());
  }
  store::Transaction transaction;
  if (change.teacher) {
    transaction.push_back(table_.LockTeacher(*change.teacher, NoTeacher()));
    // Nobody is a learner in the class that they teach.
    transaction.push_back(table_.DeleteMember(before.id, *change.teacher, std::nullopt));
  }
  transaction.push_back(table_.Update(before.id, change));
  transaction.push_back(
      audit_.Entry(context, AuditAction::kClassChanged, SubjectOf(before), DetailOf(change)));
  auto written = co_await Write(std::move(transaction), deadline);
  if (change.quota || change.teacher) {
    quotas_.DropAll();  // of every member, also after a failure: it may have happened nevertheless
  }
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  auto statement = table_.SelectOne(before.id, reader);
  auto found = co_await ReadOne(std::move(statement), NoClass(), deadline);
  co_return found;
}

aio::Task<Result<store::ClassRecord>> Classes::RenewCode(AuditContext context,
                                                         store::ClassRecord before,
                                                         Deadline deadline) {
  Result<void> written = Fail(Code::kConflict, "no join code was tried");
  for (int attempt = 0;
       attempt < kCodeAttemptsMax && !written && written.error().code == Code::kConflict;
       ++attempt) {
    const store::ClassChange change{.join_code = NewJoinCode()};
    store::Transaction transaction;
    transaction.push_back(table_.Update(before.id, change));
    transaction.push_back(audit_.Entry(context, AuditAction::kClassCodeRenewed, SubjectOf(before)));
    written = co_await Write(std::move(transaction), deadline);
  }
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  auto statement = table_.SelectOne(before.id, context.principal->user);
  auto found = co_await ReadOne(std::move(statement), NoClass(), deadline);
  co_return found;
}

aio::Task<Result<void>> Classes::Delete(AuditContext context,
                                        store::ClassRecord record,
                                        Deadline deadline) {
  store::Transaction transaction;
  transaction.push_back(table_.DeleteInvitations(record.id));
  transaction.push_back(table_.Delete(record.id));
  transaction.push_back(audit_.Entry(context, AuditAction::kClassDeleted, SubjectOf(record)));
  auto written = co_await Write(std::move(transaction), deadline);
  quotas_.DropAll();
  co_return written;
}

aio::Task<Result<store::MemberRecord>> Classes::FindMember(ClassId id,
                                                           UserId member,
                                                           Deadline deadline) {
  auto statement = table_.SelectMember(id, member);
  auto rows = co_await database_.Read(std::move(statement), deadline);
  if (!rows) {
    co_return Fail(std::move(rows).error());
  }
  auto members = store::ClassTable::ReadMembers(*rows);
  if (!members) {
    co_return Fail(std::move(members).error());
  }
  if (members->empty()) {
    co_return Fail(Code::kNotFound, "There is no such member in the class.");
  }
  co_return std::move(members->front());
}

aio::Task<Result<std::vector<store::MemberRecord>>> Classes::Members(ClassId id,
                                                                     store::PageQuery page,
                                                                     Deadline deadline) {
  auto statement = table_.SelectMembers(id, page);
  auto rows = co_await database_.Read(std::move(statement), deadline);
  if (!rows) {
    co_return Fail(std::move(rows).error());
  }
  co_return store::ClassTable::ReadMembers(*rows);
}

store::Transaction Classes::Entry(const AuditContext& context,
                                  const store::ClassRecord& record,
                                  const UserId& member) const {
  store::Transaction transaction;
  Error nowhere{.code = Code::kConflict, .message = "The class is gone, or you teach it yourself."};
  transaction.push_back(table_.LockFor(record.id, member, std::move(nowhere)));
  transaction.push_back(table_.InsertMember(record.id, member, std::chrono::system_clock::now(),
                                            kMembersPerClassMax, Full()));
  transaction.push_back(audit_.Entry(context, AuditAction::kClassJoined, SubjectOf(record),
                                     {{"member_id", member.value()}}));
  return transaction;
}

aio::Task<Result<store::ClassRecord>> Classes::Join(AuditContext context,
                                                    std::string typed,
                                                    Deadline deadline) {
  const UserId member = context.principal->user;
  auto record = co_await FindByCode(std::move(typed), member, deadline);
  if (!record || record->is_member) {
    co_return record;
  }
  if (record->teacher == member) {
    co_return Fail(Code::kConflict, "You teach this class.");
  }
  auto transaction = Entry(context, *record, member);
  // Closed or with another code meanwhile: the code is what lets in, so it is asked again.
  transaction.front() = table_.LockByCode(record->join_code, NoOpenClass());
  auto written = co_await Write(std::move(transaction), deadline);
  Entered(member);
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  auto statement = table_.SelectOne(record->id, member);
  auto found = co_await ReadOne(std::move(statement), NoClass(), deadline);
  co_return found;
}

aio::Task<Result<void>> Classes::RemoveMember(AuditContext context,
                                              store::ClassRecord record,
                                              UserId member,
                                              Deadline deadline) {
  const bool is_leaving = context.principal->user == member;
  const auto action = is_leaving ? AuditAction::kClassLeft : AuditAction::kClassMemberRemoved;
  Error nobody{.code = Code::kNotFound, .message = "There is no such member."};
  store::Transaction transaction;
  transaction.push_back(table_.DeleteMember(record.id, member, std::move(nobody)));
  transaction.push_back(
      audit_.Entry(context, action, SubjectOf(record), {{"member_id", member.value()}}));
  auto written = co_await Write(std::move(transaction), deadline);
  quotas_.Drop(member);
  co_return written;
}

}  // namespace paddock::identity
