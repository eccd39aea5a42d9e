// ServerContext: what all connections of one server share.
//
// Owned by the Server and outlives every connection. Threading: loop thread only.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <functional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

#include "gateway/body_budget.h"
#include "gateway/client_address.h"
#include "gateway/metrics.h"
#include "gateway/router.h"
#include "gateway/server.h"

namespace paddock::gateway {

using Clock = std::chrono::steady_clock;

inline constexpr std::size_t kScratchBytes = 64U << 10U;

/// Instruments that every request touches, looked up once.
struct ServerMetrics {
  explicit ServerMetrics(Metrics& metrics);

  std::array<Counter*, 6> requests_by_class;  // of status; [0] is "other"
  Histogram& request_seconds;
  Gauge& connections;
  Gauge& websockets;
  Counter& connections_total;
  Counter& connections_refused_total;
  Counter& bytes_total;
  Counter& timeouts_total;
};

class Connection;

struct ServerContext {
  ServerContext(boost::asio::any_io_executor loop,
                const ServerConfig& server_config,
                Router& routes,
                Metrics& registry,
                IdentityRules rules);

  boost::asio::any_io_executor executor;
  const ServerConfig& config;
  Router& router;
  ServerMetrics metrics;
  IdentityRules identity;
  Clock::time_point now;  // as of the last sweep: exact enough for time limits
  bool draining = false;  // answers say "Connection: close"
  BodyBudget bodies;
  std::function<void(Connection&)> on_finished;  // its last act; it may be destroyed soon after
  // Where reads land. Shared, because what a read brought is taken out before anything else runs:
  // so a connection that waits holds no buffer.
  std::array<char, kScratchBytes> scratch;

  /// Puts a new one into `id`.
  void NextRequestId(std::string& id);
  /// "Fri, 20 Nov 2026 20:00:00 GMT", made once a second.
  [[nodiscard]] std::string_view Date();

 private:
  std::string id_prefix_;  // random, so that ids of two runs never meet
  std::uint64_t id_count_ = 0;
  std::time_t date_second_ = 0;
  std::string date_;
};

}  // namespace paddock::gateway
