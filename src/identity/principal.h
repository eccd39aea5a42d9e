// Principal: who sends a request, and what the credential that came with it is good for.
//
// Made by the gateway's authenticator from a session, a token or a guest's proof, and asked by
// policy.h. Immutable and shared: the caches hand out the same one for every request.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "identity/scope.h"
#include "model/ids.h"
#include "model/role.h"

namespace paddock::identity {

enum class CredentialKind : std::uint8_t {
  kGuestToken,     // proves itself; there is no account
  kSession,        // somebody who signed in here
  kApiToken,       // a personal token
  kProviderToken,  // a JWT of the configured provider
};

struct Principal {
  UserId user;
  Role role = Role::kGuest;
  ScopeSet scopes = ScopeSet::All();
  CredentialKind credential = CredentialKind::kGuestToken;
  std::string name = {};                              // NOLINT: to show and to audit
  std::optional<SessionId> session = std::nullopt;    // of kSession
  std::optional<UserId> acting_admin = std::nullopt;  // an admin acts as `user`
  std::string acting_admin_name = {};                 // NOLINT: may be left out
};

using SharedPrincipal = std::shared_ptr<const Principal>;

[[nodiscard]] inline SharedPrincipal GuestPrincipal(UserId user) {
  return std::make_shared<const Principal>(Principal{.user = std::move(user), .name = "guest"});
}

}  // namespace paddock::identity
