// ServeOptions: the options of `paddock serve`, declared and checked.
//
// Used by the supervisor, which runs as root, and by the server that it starts with the same ones.
// Threading: at start. Ownership: plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/challenge_runners.h"
#include "app/config/option_set.h"
#include "gateway/routes/api.h"
#include "gateway/server.h"
#include "oidc/config.h"
#include "rpc/remote.h"
#include "sandbox/manager.h"

namespace paddock::app {

/// Of what is there for the front ends of Database Playground.
struct PlaygroundOptions {
  std::string listen;        // a port of their own, or ""
  std::string address = {};  // NOLINT: may be left out
  std::uint16_t port = 0;
  bool sqlrunner_open = false;
  identity::Rate runs{.per_second = 5, .burst = 50};
};

struct ServeOptions {
  std::filesystem::path data_dir = "/var/lib/paddock";
  std::filesystem::path run_dir = "/run/paddock";
  std::string user = "paddock";                   // whom the server runs as, when started by root
  std::string sql_user = "nobody";                // whom the SQL runner runs as, likewise
  std::vector<std::string> sql_external_allow;    // networks that registered databases may be in
  std::string runner_user = "daemon";             // whom the runner runs as, likewise
  std::string questions_user;                     // and the question service; "": as the server
  std::optional<rpc::RemoteService> remote_node;  // on another host: none is started here
  std::optional<rpc::RemoteService> runner;       // of challenges; none: this process runs them
  std::optional<rpc::RemoteService> questions;    // for the front ends; none: from our own store
  bool split = false;        // runner and question service are processes of their own, on this host
  bool server_only = false;  // no node and no supervisor: this process serves
  std::string listen = "127.0.0.1:3006";
  std::chrono::hours session_lifetime{24 * 30};
  std::chrono::days audit_age_max{400};
  std::string store;  // "", "sqlite:PATH" or "postgres://…". May hold a password: not for any log
  std::string store_namespace = "paddock";
  gateway::ServerConfig server;
  gateway::ApiConfig api;
  sandbox::ManagerConfig manager;
  oidc::OidcConfig oidc;
  PlaygroundOptions playground;
  ChallengeServers challenges;                    // with passwords: not for any log
  std::chrono::seconds challenge_idle_max{1800};  // of database servers that are not named
};

/// Declares them all; values arrive in `options`, which outlives `set`.
void DeclareServeOptions(config::OptionSet& set, ServeOptions& options);

/// To be called when all values are in: fills in what follows from them, and returns what does not
/// fit together, one line each.
[[nodiscard]] std::vector<std::string> FinishServeOptions(const config::OptionSet& set,
                                                          ServeOptions& options);

}  // namespace paddock::app
