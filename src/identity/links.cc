#include "identity/links.h"

#include <utility>

#include "identity/secret_text.h"
#include "store/records.h"

namespace paddock::identity {
namespace {

using std::chrono::system_clock;

/// Valid from now on for `lifetime`.
NewLink Draft(store::LinkPurpose purpose, Role role, std::chrono::days lifetime) {
  const auto now = system_clock::now();
  return {.secret = NewSecretText(kLinkPrefix),
          .record = {.id = NewId<LinkId>(),
                     .purpose = purpose,
                     .role = role,
                     .created_at = now,
                     .expires_at = now + lifetime}};
}

std::optional<UserId> MakerOf(const AuditContext& context) {
  return context.principal ? std::optional(context.principal->user) : std::nullopt;
}

}  // namespace

AuditSubject SubjectOf(const store::LinkRecord& link) {
  return {.kind = SubjectKind::kLink, .id = link.id.value(), .name = link.note};
}

aio::Task<Result<NewLink>> Links::MakeFirstAdmin(Deadline deadline) {
  NewLink link = Draft(store::LinkPurpose::kFirstAdmin, Role::kAdmin, kFirstAdminLifetime);
  store::Transaction first{table_.DeleteFirstAdmin()};
  return Write(std::move(first), {}, std::move(link), deadline);
}

aio::Task<Result<NewLink>> Links::MakeInvitation(AuditContext context,
                                                 Invitation invitation,
                                                 Deadline deadline) {
  NewLink link = Draft(store::LinkPurpose::kInvitation, invitation.role, invitation.lifetime);
  link.record.class_id = std::move(invitation.class_id);
  link.record.note = std::move(invitation.note);
  link.record.uses_left = invitation.uses;
  return Write({}, std::move(context), std::move(link), deadline);
}

aio::Task<Result<NewLink>> Links::MakeReset(AuditContext context,
                                            store::UserRecord user,
                                            Deadline deadline) {
  NewLink link = Draft(store::LinkPurpose::kReset, user.role, kResetLifetime);
  store::Transaction first{table_.DeleteResets(user.id)};
  link.record.user = std::move(user.id);
  link.record.note = user.name.value_or(user.display_name);
  return Write(std::move(first), std::move(context), std::move(link), deadline);
}

aio::Task<Result<std::vector<store::LinkRecord>>> Links::ListInvitations(
    std::optional<ClassId> class_id, Deadline deadline) {
  return table_.ListInvitations(std::move(class_id), system_clock::now(), deadline);
}

aio::Task<Result<void>> Links::RevokeInvitation(AuditContext context,
                                                LinkId link,
                                                std::optional<ClassId> class_id,
                                                Deadline deadline) {
  AuditSubject subject{.kind = SubjectKind::kLink, .id = link.value(), .name = {}};
  auto entry = audit_.Entry(context, AuditAction::kLinkRevoked, std::move(subject));
  store::Transaction transaction{table_.DeleteInvitation(link, class_id), std::move(entry)};
  auto written = co_await database_.Write(std::move(transaction), deadline);
  co_return store::WithoutRows(std::move(written));
}

aio::Task<Result<NewLink>> Links::Write(store::Transaction first,
                                        AuditContext context,
                                        NewLink link,
                                        Deadline deadline) {
  constexpr std::int64_t kPrunedRows = 100;  // so that the table does not grow by what is over
  link.record.created_by = MakerOf(context);
  store::Transaction transaction = std::move(first);
  transaction.push_back(table_.DeleteExpired(link.record.created_at, kPrunedRows));
  transaction.push_back(table_.Insert(link.record, HashOfSecret(link.secret)));
  AuditDetail detail{{"purpose", std::string(store::Name(link.record.purpose))},
                     {"role", std::string(Name(link.record.role))}};
  transaction.push_back(
      audit_.Entry(context, AuditAction::kLinkMade, SubjectOf(link.record), std::move(detail)));
  auto written = co_await database_.Write(std::move(transaction), deadline);
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  co_return link;
}

}  // namespace paddock::identity
