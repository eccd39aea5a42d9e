#include "identity/provider_accounts.h"

#include <chrono>
#include <optional>

#include "identity/admission.h"
#include "identity/names.h"
#include "store/records.h"

namespace paddock::identity {
namespace {

constexpr std::string_view kUnnamed = "Unnamed";

/// The first of what the provider says that may be shown.
std::string DisplayNameOf(const oidc::Claims& claims) {
  for (const std::string* name : {&claims.name, &claims.preferred_username}) {
    if (CheckDisplayName(*name)) {
      return *name;
    }
  }
  return std::string(kUnnamed);
}

std::optional<std::string> EmailOf(const oidc::Claims& claims) {
  return claims.email_verified && CheckEmail(claims.email) ? std::optional(claims.email)
                                                           : std::nullopt;
}

store::Identity IdentityOf(const oidc::Claims& claims) {
  return {.issuer = claims.issuer, .subject = claims.subject};
}

}  // namespace

Role ProviderAccounts::RoleOf(const oidc::Claims& claims) const {
  switch (oidc::RoleOf(config_, claims.roles)) {
    case oidc::MappedRole::kLearner: return Role::kLearner;
    case oidc::MappedRole::kTeacher: return Role::kTeacher;
    case oidc::MappedRole::kAdmin: return Role::kAdmin;
  }
  return Role::kLearner;
}

aio::Task<Result<store::UserRecord>> ProviderAccounts::Find(oidc::Claims claims,
                                                            ClientInfo client,
                                                            Deadline deadline) {
  auto user = co_await users_.FindByIdentity(IdentityOf(claims), deadline);
  if (!user && user.error().code == Code::kNotFound) {
    auto made = co_await Make(claims, client, deadline);
    if (made || made.error().code != Code::kConflict) {
      co_return made;
    }
    // Two requests at once: the other one has made it.
    user = co_await users_.FindByIdentity(IdentityOf(claims), deadline);
  }
  if (!user) {
    co_return Fail(std::move(user).error());
  }
  if (user->disabled) {
    co_return Fail(Code::kDenied, "This account is disabled. Ask an admin.");
  }
  const Role role = RoleOf(claims);
  if (config_.roles.empty() || role == user->role) {
    co_return user;
  }
  auto changed = co_await FollowRole(*std::move(user), role, std::move(client), deadline);
  co_return changed;
}

aio::Task<Result<store::UserRecord>> ProviderAccounts::Make(oidc::Claims claims,
                                                            ClientInfo client,
                                                            Deadline deadline) {
  const auto now = std::chrono::system_clock::now();
  store::UserRecord user{.id = NewId<UserId>(),
                         .role = RoleOf(claims),
                         .display_name = DisplayNameOf(claims),
                         .email = EmailOf(claims),
                         .created_at = now,
                         .seen_at = now};
  AuditDetail detail{{"how", "provider"}, {"role", std::string(Name(user.role))}};
  store::Transaction transaction{users_.Insert(user),
                                 users_.InsertIdentity(IdentityOf(claims), user.id, now),
                                 audit_.Entry(ContextOf(user, client), AuditAction::kUserSignedUp,
                                              SubjectOf(user), std::move(detail))};
  auto written = co_await database_.Write(std::move(transaction), deadline);
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  co_return user;
}

aio::Task<Result<store::UserRecord>> ProviderAccounts::FollowRole(store::UserRecord user,
                                                                  Role role,
                                                                  ClientInfo client,
                                                                  Deadline deadline) {
  AuditDetail detail{{"how", "provider"}, {"role", std::string(Name(role))}};
  store::Transaction transaction{
      users_.SetRole(user.id, role),
      audit_.Entry(ContextOf(user, client), AuditAction::kUserRoleChanged, SubjectOf(user),
                   std::move(detail))};
  auto written = co_await database_.Write(std::move(transaction), deadline);
  if (!written && written.error().code == Code::kConflict) {
    co_return user;  // the last admin, whom the claims would lower
  }
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  cache_.ForgetUser(user.id);
  user.role = role;
  co_return user;
}

}  // namespace paddock::identity
