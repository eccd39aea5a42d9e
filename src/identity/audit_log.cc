#include "identity/audit_log.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "model/ids.h"

namespace paddock::identity {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kRecordTimeMax{5};
constexpr std::chrono::seconds kPruneTimeMax{60};
constexpr std::chrono::hours kPruneInterval{1};

struct Named {
  AuditAction action;
  std::string_view name;
};

constexpr auto kNames = std::to_array<Named>({
    {AuditAction::kSessionOpened, "session.opened"},
    {AuditAction::kSessionRefused, "session.refused"},
    {AuditAction::kSessionClosed, "session.closed"},
    {AuditAction::kSessionRevoked, "session.revoked"},
    {AuditAction::kUserSignedUp, "user.signed_up"},
    {AuditAction::kUserChanged, "user.changed"},
    {AuditAction::kUserRoleChanged, "user.role_changed"},
    {AuditAction::kUserDisabled, "user.disabled"},
    {AuditAction::kUserEnabled, "user.enabled"},
    {AuditAction::kUserDeleted, "user.deleted"},
    {AuditAction::kPasswordChanged, "password.changed"},
    {AuditAction::kPasswordReset, "password.reset"},
    {AuditAction::kLinkMade, "link.made"},
    {AuditAction::kLinkUsed, "link.used"},
    {AuditAction::kLinkRevoked, "link.revoked"},
    {AuditAction::kTokenMade, "token.made"},
    {AuditAction::kTokenRevoked, "token.revoked"},
    {AuditAction::kClassMade, "class.made"},
    {AuditAction::kClassChanged, "class.changed"},
    {AuditAction::kClassDeleted, "class.deleted"},
    {AuditAction::kClassCodeRenewed, "class.code_renewed"},
    {AuditAction::kClassJoined, "class.joined"},
    {AuditAction::kClassLeft, "class.left"},
    {AuditAction::kClassMemberRemoved, "class.member_removed"},
    {AuditAction::kQuotaChanged, "quota.changed"},
    {AuditAction::kActingBegun, "acting.begun"},
    {AuditAction::kActingEnded, "acting.ended"},
    {AuditAction::kSandboxCreated, "sandbox.created"},
    {AuditAction::kSandboxDeleted, "sandbox.deleted"},
    {AuditAction::kQuestionMade, "question.made"},
    {AuditAction::kQuestionChanged, "question.changed"},
    {AuditAction::kQuestionDeleted, "question.deleted"},
    {AuditAction::kSchemaMade, "schema.made"},
    {AuditAction::kSchemaChanged, "schema.changed"},
    {AuditAction::kSchemaDeleted, "schema.deleted"},
    {AuditAction::kProgressReset, "progress.reset"},
    {AuditAction::kDatabaseRegistered, "database.registered"},
    {AuditAction::kDatabaseChanged, "database.changed"},
    {AuditAction::kDatabaseRemoved, "database.removed"},
});
static_assert(kNames.size() == static_cast<std::size_t>(kLastAuditAction) + 1);

consteval bool IsInOrder() {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (static_cast<std::size_t>(kNames.at(i).action) != i) {
      return false;
    }
  }
  return true;
}
static_assert(IsInOrder());

/// Now, but later than every moment that was given before: the log is ordered by time, in whole
/// milliseconds, and what happened first must not be shown as having happened last.
store::SystemTime NextMoment() {
  using Milliseconds = std::chrono::milliseconds;
  static std::atomic<std::int64_t> last = 0;
  const auto now = std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
  std::int64_t before = last.load();
  std::int64_t next = 0;
  do {
    next = std::max(now.time_since_epoch().count(), before + 1);
  } while (!last.compare_exchange_weak(before, next));
  return store::SystemTime(Milliseconds(next));
}

}  // namespace

std::string_view Name(AuditAction action) noexcept {
  return kNames.at(static_cast<std::size_t>(action)).name;
}

std::optional<AuditAction> ParseAuditAction(std::string_view name) noexcept {
  const auto* const found = std::ranges::find(kNames, name, &Named::name);
  return found == kNames.end() ? std::nullopt : std::optional(found->action);
}

std::string_view Name(SubjectKind kind) noexcept {
  switch (kind) {
    case SubjectKind::kUser: return "user";
    case SubjectKind::kSession: return "session";
    case SubjectKind::kToken: return "token";
    case SubjectKind::kLink: return "link";
    case SubjectKind::kClass: return "class";
    case SubjectKind::kRole: return "role";
    case SubjectKind::kSandbox: return "sandbox";
    case SubjectKind::kQuestion: return "question";
    case SubjectKind::kSchema: return "schema";
    case SubjectKind::kDatabase: return "database";
  }
  return "unknown";
}

store::Statement AuditLog::Entry(const AuditContext& context,
                                 AuditAction action,
                                 AuditSubject subject,
                                 AuditDetail detail) const {
  store::AuditEntry entry{.id = NewIdText(),
                          .at = NextMoment(),
                          .actor_id = {},
                          .actor_name = {},
                          .action = std::string(Name(action)),
                          .subject_kind = std::string(Name(subject.kind)),
                          .subject_id = std::move(subject.id),
                          .subject_name = std::move(subject.name),
                          .address = context.address,
                          .detail = std::move(detail)};
  if (context.principal && context.principal->acting_admin) {
    entry.actor_id = context.principal->acting_admin->value();
    entry.actor_name = context.principal->acting_admin_name;
    entry.acting_as_id = context.principal->user.value();
  } else if (context.principal) {
    entry.actor_id = context.principal->user.value();
    entry.actor_name = context.principal->name;
  }
  return store::InsertAudit(name_space_, entry);
}

aio::Task<void> AuditLog::Record(AuditContext context,
                                 AuditAction action,
                                 AuditSubject subject,
                                 AuditDetail detail) {
  store::Transaction transaction;
  transaction.push_back(Entry(context, action, std::move(subject), std::move(detail)));
  auto written = co_await database_.Write(std::move(transaction), Deadline::After(kRecordTimeMax));
  if (!written) {
    log::Error("{} was not written to the audit log: {}", Name(action), written.error().message);
  }
}

aio::Task<Result<std::vector<store::AuditRow>>> AuditLog::List(store::AuditQuery query,
                                                               Deadline deadline) {
  auto rows = co_await store::ListAudit(database_, name_space_, std::move(query), deadline);
  co_return rows;
}

aio::Task<void> AuditLog::RunPruning(std::chrono::hours age_max) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (true) {
    const auto before = std::chrono::system_clock::now() - age_max;
    auto pruned = co_await Prune(before, Deadline::After(kPruneTimeMax));
    if (!pruned && pruned.error().code == Code::kCancelled) {
      co_return;
    }
    if (!pruned) {
      log::Warn("old entries of the audit log were not deleted: {}", pruned.error().message);
    }
    timer.expires_after(kPruneInterval);
    const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (error) {
      co_return;
    }
  }
}

aio::Task<Result<std::int64_t>> AuditLog::Prune(store::SystemTime before, Deadline deadline) {
  std::int64_t total = 0;
  for (int batch = 0; batch < kPruneBatchesMax; ++batch) {
    auto deleted =
        co_await store::PruneAudit(database_, name_space_, before, kPruneBatchRows, deadline);
    if (!deleted) {
      co_return Fail(std::move(deleted).error());
    }
    total += *deleted;
    if (*deleted < kPruneBatchRows) {
      break;
    }
  }
  co_return total;
}

}  // namespace paddock::identity
