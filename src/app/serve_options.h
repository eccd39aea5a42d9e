// ServeOptions: the flags of `paddock serve`, read and checked.
//
// Used by the supervisor, which runs as root, and by the server that it starts with the same flags.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "gateway/routes/api.h"
#include "gateway/server.h"
#include "sandbox/manager.h"

namespace paddock::app {

struct ServeOptions {
  std::filesystem::path data_dir = "/var/lib/paddock";
  std::filesystem::path run_dir = "/run/paddock";
  std::string user = "paddock";             // whom the server runs as, when started by root
  bool server_only = false;                 // no node and no supervisor: this process serves
  std::vector<std::string> node_arguments;  // passed on to `paddock node`
  std::chrono::hours session_lifetime{24 * 30};
  gateway::ServerConfig server;
  gateway::ApiConfig api;
  sandbox::ManagerConfig manager;
};

/// Reads the flags. An Error's message is to be shown as it is; with `help` set it is not a
/// failure.
struct UsageError {
  std::string message;
  int status = 2;
};
[[nodiscard]] std::expected<ServeOptions, UsageError> ReadServeOptions(std::span<char*> arguments);

/// "127.0.0.1:3006", "[::1]:3006" or "localhost:3006" into its two halves. kInvalid.
struct ListenAddress {
  std::string address;
  std::uint16_t port = 0;
};
[[nodiscard]] Result<ListenAddress> ParseListenAddress(std::string_view text);

}  // namespace paddock::app
