// Server: the agent as a whole. Accepts connections, and ends the sandbox in good order.
//
// No connection is accepted before the image's services are up: who waits in the socket's queue for
// HELLO waits for a sandbox that is ready.
//
// Threading: loop thread. One per process.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/boot.h"
#include "agent/cgroups.h"
#include "agent/children.h"
#include "agent/connection.h"
#include "agent/jobs.h"
#include "agent/loop.h"
#include "agent/services.h"
#include "agent/terminals.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace paddock::agent {

struct ServerConfig {
  UniqueFd listener;               // a listening unix stream socket
  std::optional<Cgroups> cgroups;  // none: shepherds
  std::vector<std::string> environment;
  std::string boot_path;             // of the image; empty: it has no services
  bool has_direct_forwards = false;  // whether clients are told that a connection costs them little
};

class Server {
 public:
  explicit Server(ServerConfig config);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Runs until SIGTERM, SIGINT, or (when not PID 1) SIGHUP.
  void Run();
  [[nodiscard]] Loop& loop() noexcept { return loop_; }

 private:
  void OnSignal(int signal);
  void Listen();
  void OnConnect();
  void StopInOrder();
  void StopWhenUsersHaveEnded();
  void StopWhenEmpty();
  [[nodiscard]] std::unique_ptr<Channel> OpenChannel(Line& line, protocol::Request request);

  Loop loop_;
  ServerConfig config_;
  Children children_;
  Jobs jobs_;
  Services services_;
  Terminals terminals_;
  std::map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::uint64_t next_connection_ = 0;
  std::unique_ptr<Boot> boot_;
  bool stopping_ = false;
  Loop::Clock::time_point stop_at_;
  Timer stop_timer_;
  Watch listening_;
};

}  // namespace paddock::agent
