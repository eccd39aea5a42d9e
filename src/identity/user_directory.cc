#include "identity/user_directory.h"

#include <utility>

#include <fmt/format.h>

namespace paddock::identity {
namespace {

Error NoUser() { return {.code = Code::kNotFound, .message = "There is no such user."}; }

Error Oneself() {
  return {.code = Code::kConflict,
          .message = "This is you: another admin has to do it, so that one is always left."};
}

/// Of a statement whose conditions were asked before: what they ask has changed meanwhile.
Error NotNow() {
  return {.code = Code::kConflict,
          .message = "The user is the last admin, or teaches a class: change that first."};
}

Error Teaches(const store::DirectoryEntry& user) {
  return {.code = Code::kConflict,
          .message = fmt::format("{} teaches {} {}: give them to another teacher, or delete them, "
                                 "first.",
                                 user.display_name, user.taught_count,
                                 user.taught_count == 1 ? "class" : "classes")};
}

AuditSubject SubjectOf(const store::DirectoryEntry& user) {
  return {.kind = SubjectKind::kUser, .id = user.id.value(), .name = user.display_name};
}

bool IsActor(const AuditContext& context, const UserId& user) {
  return context.principal && context.principal->user == user;
}

/// What can be told before anything is tried, in better words than a statement's condition has.
Result<void> CheckChange(const AuditContext& context,
                         const store::DirectoryEntry& before,
                         const UserChange& change) {
  const bool changes_role = change.role && *change.role != before.role;
  const bool changes_access = change.disabled && *change.disabled != before.is_disabled;
  if ((changes_role || changes_access) && IsActor(context, before.id)) {
    return Fail(Oneself());
  }
  if (changes_role && *change.role == Role::kLearner && before.taught_count > 0) {
    return Fail(Teaches(before));
  }
  return {};
}

}  // namespace

aio::Task<Result<std::vector<store::DirectoryEntry>>> UserDirectory::List(
    store::DirectoryQuery query, Deadline deadline) {
  auto statement = table_.Select(query);
  auto rows = co_await database_.Read(std::move(statement), deadline);
  if (!rows) {
    co_return Fail(std::move(rows).error());
  }
  co_return store::UserDirectoryTable::ReadEntries(*rows);
}

aio::Task<Result<store::DirectoryEntry>> UserDirectory::Find(UserId id, Deadline deadline) {
  auto statement = table_.SelectOne(id);
  auto rows = co_await database_.Read(std::move(statement), deadline);
  if (!rows) {
    co_return Fail(std::move(rows).error());
  }
  auto entries = store::UserDirectoryTable::ReadEntries(*rows);
  if (!entries) {
    co_return Fail(std::move(entries).error());
  }
  if (entries->empty()) {
    co_return Fail(NoUser());
  }
  co_return std::move(entries->front());
}

aio::Task<Result<std::int64_t>> UserDirectory::CountAccounts(Deadline deadline) {
  auto statement = table_.CountAccounts();
  auto rows = co_await database_.Read(std::move(statement), deadline);
  if (!rows) {
    co_return Fail(std::move(rows).error());
  }
  co_return store::UserDirectoryTable::ReadCount(*rows);
}

aio::Task<Result<void>> UserDirectory::Write(UserId subject,
                                             store::Transaction transaction,
                                             Deadline deadline) {
  auto written = co_await database_.Write(std::move(transaction), deadline);
  // Also after a failure: it may have happened nevertheless. And what they do as somebody else.
  cache_.ForgetIf([&subject](const Principal& known) {
    return known.user == subject || known.acting_admin == subject;
  });
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  co_return Result<void>();
}

store::Transaction UserDirectory::ChangeOf(const AuditContext& context,
                                           const store::DirectoryEntry& before,
                                           const UserChange& change) const {
  store::Transaction transaction;
  transaction.push_back(table_.LockAdmins());
  transaction.push_back(table_.Lock(before.id, NoUser()));
  if (change.role && *change.role != before.role) {
    transaction.push_back(table_.SetRole(before.id, *change.role, NotNow()));
    transaction.push_back(audit_.Entry(
        context, AuditAction::kUserRoleChanged, SubjectOf(before),
        {{"from", std::string(Name(before.role))}, {"to", std::string(Name(*change.role))}}));
  }
  if (change.disabled && *change.disabled != before.is_disabled) {
    transaction.push_back(table_.SetDisabled(before.id, *change.disabled, NotNow()));
    if (*change.disabled) {
      transaction.push_back(table_.DeleteSessions(before.id));
    }
    const auto action = *change.disabled ? AuditAction::kUserDisabled : AuditAction::kUserEnabled;
    transaction.push_back(audit_.Entry(context, action, SubjectOf(before)));
  }
  if (change.display_name && *change.display_name != before.display_name) {
    transaction.push_back(table_.SetDisplayName(before.id, *change.display_name));
    transaction.push_back(audit_.Entry(context, AuditAction::kUserChanged, SubjectOf(before),
                                       {{"display_name", *change.display_name}}));
  }
  return transaction;
}

aio::Task<Result<store::DirectoryEntry>> UserDirectory::Change(AuditContext context,
                                                               UserId id,
                                                               UserChange change,
                                                               Deadline deadline) {
  auto before = co_await Find(id, deadline);
  if (!before) {
    co_return Fail(std::move(before).error());
  }
  auto allowed = CheckChange(context, *before, change);
  if (!allowed) {
    co_return Fail(std::move(allowed).error());
  }
  auto transaction = ChangeOf(context, *before, change);
  auto written = co_await Write(id, std::move(transaction), deadline);
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  auto after = co_await Find(std::move(id), deadline);
  co_return after;
}

aio::Task<Result<void>> UserDirectory::EndSessions(AuditContext context,
                                                   UserId id,
                                                   Deadline deadline) {
  auto user = co_await Find(id, deadline);
  if (!user) {
    co_return Fail(std::move(user).error());
  }
  store::Transaction transaction;
  transaction.push_back(table_.DeleteSessions(id));
  transaction.push_back(
      audit_.Entry(context, AuditAction::kSessionRevoked, SubjectOf(*user), {{"sessions", "all"}}));
  auto written = co_await Write(std::move(id), std::move(transaction), deadline);
  co_return written;
}

aio::Task<Result<store::DirectoryEntry>> UserDirectory::PrepareDelete(AuditContext context,
                                                                      UserId id,
                                                                      Deadline deadline) {
  auto user = co_await Find(id, deadline);
  if (!user) {
    co_return Fail(std::move(user).error());
  }
  if (IsActor(context, id)) {
    co_return Fail(Oneself());
  }
  if (user->taught_count > 0) {
    co_return Fail(Teaches(*user));
  }
  store::Transaction transaction;
  transaction.push_back(table_.LockAdmins());
  transaction.push_back(table_.SetDisabled(id, true, NotNow()));
  transaction.push_back(table_.DeleteSessions(id));
  auto written = co_await Write(std::move(id), std::move(transaction), deadline);
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  co_return user;
}

aio::Task<Result<void>> UserDirectory::Delete(AuditContext context,
                                              store::DirectoryEntry user,
                                              Deadline deadline) {
  store::Transaction transaction;
  transaction.push_back(table_.LockAdmins());
  transaction.push_back(table_.Lock(user.id, NoUser()));
  transaction.push_back(table_.Delete(user.id, NotNow()));
  transaction.push_back(
      audit_.Entry(context, AuditAction::kUserDeleted, SubjectOf(user),
                   {{"name", user.name.value_or("")}, {"role", std::string(Name(user.role))}}));
  for (store::Statement& statement : attempts_.DeleteAll(user.id)) {
    transaction.push_back(std::move(statement));
  }
  transaction.push_back(sql_history_.DeleteAll(user.id));
  auto written = co_await Write(user.id, std::move(transaction), deadline);
  co_return written;
}

}  // namespace paddock::identity
