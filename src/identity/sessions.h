// Sessions: those who are signed in with a browser, from the sign-in to its end.
//
// A new secret is made by every sign-in, so that nobody can fix one beforehand. A session lives on
// while it is used, up to kLifetimesMax of its lifetimes; that it was used is written at most once
// in kSeenInterval, in the background.
//
// Used by the authenticator and the services that let people in. Threading: loop thread only.
// Ownership: what it refers to outlives it and its pending calls.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aio/task.h"
#include "aio/task_scope.h"
#include "base/deadline.h"
#include "base/result.h"
#include "identity/audit_log.h"
#include "identity/credential_cache.h"
#include "identity/principal.h"
#include "store/database.h"
#include "store/sessions.h"

namespace paddock::identity {

/// The client on whose behalf something is done, as it says itself.
struct ClientInfo {
  std::string address;
  std::string user_agent = {};  // NOLINT: may be left out
};

/// A session that is about to be written; the secret goes into the cookie and nowhere else.
struct NewSession {
  std::string secret;
  store::SessionRecord record;
};

class Sessions {
 public:
  static constexpr int kLifetimesMax = 6;
  static constexpr std::chrono::seconds kSeenInterval{60};
  static constexpr std::chrono::seconds kActingMax{3600};

  Sessions(store::Database& database,
           std::string name_space,
           std::chrono::seconds lifetime,
           CredentialCache& cache,
           aio::TaskScope& background)
      : database_(database),
        table_(database, std::move(name_space)),
        lifetime_(lifetime),
        cache_(cache),
        background_(background) {}

  /// A session of `user`, or of `acting_admin` who acts as the user for at most kActingMax.
  [[nodiscard]] NewSession Make(const UserId& user,
                                const ClientInfo& client,
                                const std::optional<UserId>& acting_admin = std::nullopt) const;
  /// What writes it, for the transaction of whatever lets the user in.
  [[nodiscard]] store::Transaction Entry(const NewSession& session) const;
  [[nodiscard]] const store::Sessions& table() const noexcept { return table_; }

  /// Whose session this is, and remembers it. Fails with kDenied (it is over, or its user may not
  /// sign in) and as store::Database::Read.
  [[nodiscard]] aio::Task<Result<SharedPrincipal>> LookUp(std::string secret, Deadline deadline);

  /// Of `user`, the last seen first. Fails as store::Database::Read.
  [[nodiscard]] aio::Task<Result<std::vector<store::SessionHolder>>> List(UserId user,
                                                                          Deadline deadline);
  /// kNotFound. All fail as store::Database.
  [[nodiscard]] aio::Task<Result<store::SessionHolder>> Find(SessionId id, Deadline deadline);

  /// Signs out. What follows fails as store::Database::Write.
  [[nodiscard]] aio::Task<Result<void>> Close(store::Statement audit,
                                              SessionId session,
                                              Deadline deadline);
  /// Ends one session of `user` from elsewhere. kNotFound.
  [[nodiscard]] aio::Task<Result<void>> Revoke(store::Statement audit,
                                               UserId user,
                                               SessionId session,
                                               Deadline deadline);
  /// Ends all of `user` but `kept`.
  [[nodiscard]] aio::Task<Result<void>> RevokeAll(store::Statement audit,
                                                  UserId user,
                                                  std::optional<SessionId> kept,
                                                  Deadline deadline);

  /// Deletes what has expired, now and then, until it is cancelled.
  [[nodiscard]] aio::Task<void> RunPruning();

  [[nodiscard]] std::chrono::seconds lifetime() const noexcept { return lifetime_; }

 private:
  [[nodiscard]] store::SystemTime ExpiryAt(const store::SessionRecord& session,
                                           store::SystemTime now) const;
  void NoteSeen(const store::SessionRecord& session, store::SystemTime now);
  [[nodiscard]] aio::Task<void> WriteSeen(store::Transaction transaction);

  store::Database& database_;
  store::Sessions table_;
  std::chrono::seconds lifetime_;
  CredentialCache& cache_;
  aio::TaskScope& background_;
};

}  // namespace paddock::identity
