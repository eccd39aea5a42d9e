#include "identity/api_tokens.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "identity/secret_text.h"
#include "store/records.h"

namespace paddock::identity {
namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr std::chrono::seconds kUsedTimeMax{10};
constexpr std::size_t kUsedWritesMax = 1000;  // under way; what comes on top is not noted

bool MayBeUsed(const store::ApiTokenHolder& holder, store::SystemTime now) {
  return !holder.disabled && (!holder.token.expires_at || now < *holder.token.expires_at);
}

AuditSubject Subject(const ApiTokenId& id, std::string name) {
  return {.kind = SubjectKind::kToken, .id = id.value(), .name = std::move(name)};
}

}  // namespace

aio::Task<Result<SharedPrincipal>> ApiTokens::LookUp(std::string secret, Deadline deadline) {
  const auto generation = cache_.generation();
  auto found = co_await table_.FindBySecret(HashOfSecret(secret), deadline);
  const auto now = system_clock::now();
  if ((!found && found.error().code == Code::kNotFound) || (found && !MayBeUsed(*found, now))) {
    co_return Fail(Code::kDenied, "The token is not valid: it may have expired or been revoked.");
  }
  if (!found) {
    co_return Fail(std::move(found).error());
  }
  NoteUsed(found->token, now);
  steady_clock::duration trusted = CredentialCache::kTrustedMax;
  if (found->token.expires_at) {
    const auto left = *found->token.expires_at - now;
    trusted = std::min(trusted, std::chrono::duration_cast<steady_clock::duration>(left));
  }
  Principal principal{.user = std::move(found->token.user),
                      .role = found->role,
                      .scopes = ParseScopes(found->token.scopes),
                      .credential = CredentialKind::kApiToken,
                      .name = std::move(found->name)};
  auto shared = std::make_shared<const Principal>(std::move(principal));
  cache_.Remember(secret, shared, steady_clock::now() + trusted, generation);
  co_return shared;
}

aio::Task<Result<std::vector<store::ApiTokenRecord>>> ApiTokens::List(UserId user,
                                                                      Deadline deadline) {
  return table_.List(std::move(user), deadline);
}

aio::Task<Result<NewApiToken>> ApiTokens::Make(AuditContext context, Wish wish, Deadline deadline) {
  PADDOCK_CHECK(context.principal.has_value());
  NewApiToken made{.secret = NewSecretText(kApiTokenPrefix),
                   .record = {.id = NewId<ApiTokenId>(),
                              .user = context.principal->user,
                              .name = std::move(wish.name),
                              .scopes = ToText(wish.scopes),
                              .created_at = system_clock::now()}};
  if (wish.lifetime) {
    made.record.expires_at = made.record.created_at + *wish.lifetime;
  }
  AuditDetail detail{{"scopes", made.record.scopes}};
  auto entry = audit_.Entry(context, AuditAction::kTokenMade,
                            Subject(made.record.id, made.record.name), std::move(detail));
  store::Transaction transaction{table_.Insert(made.record, HashOfSecret(made.secret)),
                                 std::move(entry)};
  auto written = co_await database_.Write(std::move(transaction), deadline);
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  co_return made;
}

aio::Task<Result<void>> ApiTokens::Revoke(AuditContext context,
                                          ApiTokenId token,
                                          Deadline deadline) {
  PADDOCK_CHECK(context.principal.has_value());
  const UserId user = context.principal->user;
  auto entry = audit_.Entry(context, AuditAction::kTokenRevoked, Subject(token, {}));
  store::Transaction transaction{table_.DeleteOf(user, token), std::move(entry)};
  auto written = co_await database_.Write(std::move(transaction), deadline);
  cache_.ForgetIf([&user](const Principal& known) {
    return known.user == user && known.credential == CredentialKind::kApiToken;
  });
  co_return store::WithoutRows(std::move(written));
}

void ApiTokens::NoteUsed(const store::ApiTokenRecord& token, store::SystemTime now) {
  const bool is_due = !token.used_at || now - *token.used_at >= kUsedInterval;
  if (is_due && background_.running_count() < kUsedWritesMax) {
    background_.Spawn(WriteUsed({table_.Touch(token.id, now)}));
  }
}

aio::Task<void> ApiTokens::WriteUsed(store::Transaction transaction) {
  auto written = co_await database_.Write(std::move(transaction), Deadline::After(kUsedTimeMax));
  if (!written && written.error().code != Code::kCancelled) {
    log::Warn("when a token was last used was not noted: {}", written.error().message);
  }
}

}  // namespace paddock::identity
