// Services: all that the server knows of people, made once over one store.
//
// Made by app/ and handed to the gateway's routes. What belongs together only because it shares
// the store is here; the rules are in the services themselves.
//
// Threading: loop thread only. Ownership: the database outlives it; await Close before it goes.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "aio/task.h"
#include "aio/task_scope.h"
#include "identity/accounts.h"
#include "identity/acting.h"
#include "identity/admission.h"
#include "identity/api_tokens.h"
#include "identity/audit_log.h"
#include "identity/classes.h"
#include "identity/credential_cache.h"
#include "identity/guest_claims.h"
#include "identity/links.h"
#include "identity/passwords.h"
#include "identity/provider_sign_in.h"
#include "identity/quotas.h"
#include "identity/sessions.h"
#include "identity/sign_up.h"
#include "identity/user_directory.h"
#include "store/database.h"
#include "store/sql_history.h"

namespace paddock::identity {

struct ServicesConfig {
  std::string name_space = "paddock";
  std::chrono::seconds session_lifetime{std::chrono::days(30)};  // of a session that is not used
  std::chrono::days audit_age_max{400};  // then an entry of the audit log is deleted
  Grant ceiling = {};                    // of what any user may have at once
  PasswordCost password_cost = {};
  TransferSandboxes transfer = {};  // NOLINT: from a guest to the account that they sign in to
  std::optional<ProviderConfig> provider = std::nullopt;
};

struct Services {
  Services(store::Database& store,
           const ServicesConfig& config,
           const boost::asio::any_io_executor& executor);
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  /// Starts what is done without being asked, such as deleting what has expired.
  void Start();
  /// Ends it and what is under way in the background.
  [[nodiscard]] aio::Task<void> Close();

  aio::TaskScope background;
  store::Database& database;
  const std::string name_space;
  CredentialCache credentials;
  AuditLog audit;
  Quotas quotas;
  Classes classes;
  Sessions sessions;
  ApiTokens api_tokens;
  PasswordHasher passwords;
  GuestClaims claims;
  Admission admission;
  Accounts accounts;
  Links links;
  SignUp sign_up;
  UserDirectory directory;
  Acting acting;
  store::SqlHistory sql_history;
  const std::chrono::days audit_age_max;
  std::unique_ptr<ProviderSignIn> provider;  // null when none is configured
};

}  // namespace paddock::identity
