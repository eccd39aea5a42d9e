#include "identity/admission.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.h"

namespace paddock::identity {

std::string NameOf(const store::UserRecord& user) { return user.name.value_or(user.display_name); }

AuditSubject SubjectOf(const store::UserRecord& user) {
  return {.kind = SubjectKind::kUser, .id = user.id.value(), .name = NameOf(user)};
}

AuditContext ContextOf(const store::UserRecord& user, const ClientInfo& client) {
  return {.principal = Principal{.user = user.id,
                                 .role = user.role,
                                 .credential = CredentialKind::kSession,
                                 .name = NameOf(user)},
          .address = client.address};
}

Admission::Admission(store::Database& database,
                     std::string name_space,
                     AuditLog& audit,
                     CredentialCache& cache,
                     Sessions& sessions,
                     GuestClaims& claims)
    : database_(database),
      users_(database, std::move(name_space)),
      audit_(audit),
      cache_(cache),
      sessions_(sessions),
      claims_(claims) {}

aio::Task<Result<SignedIn>> Admission::LetIn(store::Transaction first,
                                             store::UserRecord user,
                                             Arrival arrival,
                                             std::string how,
                                             Deadline deadline) {
  NewSession session = sessions_.Make(user.id, arrival.client);
  store::Transaction transaction = std::move(first);
  std::ranges::move(sessions_.Entry(session), std::back_inserter(transaction));
  if (arrival.replaced) {
    transaction.push_back(sessions_.table().Delete(*arrival.replaced));
  }
  transaction.push_back(users_.Touch(user.id, session.record.created_at));
  if (arrival.guest) {
    transaction.push_back(claims_.Entry({.guest = *arrival.guest, .user = user.id}));
  }
  AuditDetail detail{{"how", std::move(how)}};
  transaction.push_back(audit_.Entry(ContextOf(user, arrival.client), AuditAction::kSessionOpened,
                                     SubjectOf(user), std::move(detail)));
  auto written = co_await database_.Write(std::move(transaction), deadline);
  if (arrival.replaced) {
    cache_.ForgetSession(*arrival.replaced);
  }
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  if (arrival.guest) {
    store::ClaimRecord claim{.guest = *arrival.guest, .user = user.id};
    co_await Settle(std::move(claim));
  }
  co_return SignedIn{.session = std::move(session), .user = std::move(user)};
}

// Whoever signs in sees their sandboxes at once if the node answers; else they come later, and
// that is no reason to keep anybody out.
aio::Task<void> Admission::Settle(store::ClaimRecord claim) {
  auto settled = co_await claims_.Settle(std::move(claim), Deadline::After(kClaimTimeMax));
  if (!settled && settled.error().code != Code::kCancelled) {
    log::Warn("what a guest had is handed over later: {}", settled.error().message);
  }
}

}  // namespace paddock::identity
