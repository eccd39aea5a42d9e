// Server: the HTTP and WebSocket server; listens, limits, serves a Router, stops gracefully.
//
// Made by app/. Threading: everything on the loop thread of `loop`. Ownership: router, metrics and
// loop outlive the server; Stop() must have completed before it is destroyed.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "gateway/http.h"
#include "gateway/router.h"

namespace paddock::gateway {

class Metrics;

struct Limits {
  std::size_t head_bytes_max = 16U << 10U;  // request line and headers: 431
  int header_count_max = 100;               // 431
  int connections_max = 10'000;             // 503 with Retry-After
  int connections_per_address_max = 1'000;  // 429; a class may share one address. IPv6: per /64
  std::size_t buffered_bodies_max = 64U << 20U;         // of all connections together: 503
  std::chrono::milliseconds body_time_max{30'000};      // of a body that is buffered: 408
  std::chrono::milliseconds head_time_max{10'000};      // first byte to end of headers: 408
  std::chrono::milliseconds progress_time_max{30'000};  // a body or answer must move: 408
  double answer_rate_min = 4096;  // bytes per second that a client must take while it is waited for
  std::chrono::milliseconds idle_time_max{75'000};       // between requests
  std::chrono::milliseconds ping_interval{20'000};       // of WebSockets
  std::chrono::milliseconds silence_max{60'000};         // of WebSockets
  std::chrono::milliseconds heartbeat_interval{15'000};  // of event streams
  std::chrono::milliseconds sweep_interval{250};         // how late the times above may be noticed
};

enum class AccessLog : std::uint8_t { kAll, kErrors, kNone };

struct ServerConfig {
  std::string address = "127.0.0.1";
  std::uint16_t port = 3006;     // 0: any free one
  std::string certificate_file;  // PEM chain; with key_file: TLS. Empty: plain
  std::string key_file;
  // "https://paddock.example". Empty: from each request's Host, which on a loopback address must
  // then be an address or localhost.
  std::string public_origin;
  std::vector<std::string> trusted_proxies;  // addresses or CIDR whose X-Forwarded-* counts
  AccessLog access_log = AccessLog::kAll;
  Limits limits;
};

class Server {
 public:
  Server(boost::asio::io_context& loop, ServerConfig config, Router& router, Metrics& metrics);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Binds and begins to accept. kInvalid: a bad address, proxy list, certificate or key;
  /// kConflict: the port is in use; kDenied: not allowed to bind it.
  [[nodiscard]] Result<void> Start();
  /// The bound port. After Start.
  [[nodiscard]] std::uint16_t port() const noexcept;
  /// "http://127.0.0.1:3006": what to show to people.
  [[nodiscard]] std::string url() const;
  /// Reads certificate and key again; new connections use them. On failure the old ones stay.
  [[nodiscard]] Result<void> ReloadTls();
  /// Stops accepting, lets requests in flight finish until `deadline`, cancels what is left (a
  /// WebSocket's `run` is cancelled at once and has until then to say goodbye), and joins.
  [[nodiscard]] aio::Task<void> Stop(Deadline deadline);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace paddock::gateway
