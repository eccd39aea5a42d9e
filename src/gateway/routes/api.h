// Api: the REST API of api/openapi.yaml, as routes on a Router.
//
// Made once by app/. The routes of each noun are a class of their own in this folder; what they
// share is ApiContext. Each route checks its input, asks the manager or a sandbox's agent, and
// writes the answer: rules of the product live below.
//
// Threading: loop thread only. Ownership: what ApiParts refers to outlives the Api; the Api
// outlives the server that serves its router.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "base/units.h"
#include "gateway/metrics.h"
#include "gateway/router.h"
#include "identity/rate_limiter.h"
#include "identity/services.h"
#include "identity/tickets.h"
#include "identity/tokens.h"
#include "questions/services.h"
#include "sandbox/manager.h"

namespace paddock::gateway {

/// Limits of one user, and of one address; a whole class may sit behind one address.
struct ApiLimits {
  identity::Rate user_requests{.per_second = 50, .burst = 200};
  identity::Rate address_requests{.per_second = 1000, .burst = 4000};
  identity::Rate user_creations{.per_second = 0.5, .burst = 10};
  identity::Rate address_creations{.per_second = 10, .burst = 100};
  identity::Rate address_guests{.per_second = 5, .burst = 200};
  identity::Rate address_sign_ups{.per_second = 0.5, .burst = 150};  // by links and join codes
  std::size_t rate_key_count_max = 65'536;
  std::size_t tickets_max = 16'384;
  int user_execs_max = 8;          // running at once
  int user_transfers_max = 8;      // uploads and downloads at once
  int user_sockets_max = 48;       // WebSockets
  int user_sql_sessions_max = 10;  // WebSockets too
  int user_event_streams_max = 8;  // pages
  int user_challenge_runs_max = 4;
  int sandbox_terminals_max = 16;
  Bytes upload_max = 1_GiB;
  Bytes download_max = 16_GiB;
};

/// Where the SQL runner listens, and who may be the one that does.
struct SqlRunnerPlace {
  std::string socket;
  std::vector<uid_t> users;
};

struct ApiConfig {
  std::string version;
  std::string listen;    // to show: the address that this process listens on
  std::string data_dir;  // whose disk is shown
  std::string default_image = "base";
  bool guests = true;  // whether people may start machines without signing in
  ApiLimits limits;
  SqlRunnerPlace sql_runner;
};

struct ApiParts {
  sandbox::Manager& manager;
  const identity::Secret& secret;       // the server's, for the passwords of databases
  const identity::TokenSigner& signer;  // of guests
  identity::Services& identity;
  questions::Services& questions;
  Metrics& metrics;
};

class Api {
 public:
  Api(ApiConfig config, ApiParts parts);
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  /// Adds every route and the AuthHook.
  void AddTo(Router& router);
  /// The AuthHook alone: callers and limits are the same on another router.
  void AddAuthTo(Router& router);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace paddock::gateway
