// LiveServer: the real server on a free port, on a thread of its own, for tests.
//
// Threading: made, used and destroyed by the test's thread; routes are added before Start().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "gateway/metrics.h"
#include "gateway/router.h"
#include "gateway/server.h"

namespace paddock::gateway::testing {

class LiveServer {
 public:
  /// Limits suited to tests: times of a few hundred milliseconds, swept every 20.
  [[nodiscard]] static ServerConfig QuickConfig();

  explicit LiveServer(ServerConfig config = QuickConfig());
  ~LiveServer();
  LiveServer(const LiveServer&) = delete;
  LiveServer& operator=(const LiveServer&) = delete;

  Router router;
  Metrics metrics;

  void Start();
  /// Stops as in production; `patience` is the time for requests in flight.
  void Stop(std::chrono::milliseconds patience);
  [[nodiscard]] std::uint16_t port() const noexcept { return server_->port(); }
  [[nodiscard]] Server& server() noexcept { return *server_; }
  [[nodiscard]] boost::asio::io_context& loop() noexcept { return loop_; }
  /// Runs `work` on the loop's thread and waits for it.
  void OnLoop(const std::function<void()>& work);

 private:
  boost::asio::io_context loop_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

}  // namespace paddock::gateway::testing
