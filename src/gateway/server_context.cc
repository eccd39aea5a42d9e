#include "gateway/server_context.h"

#include <charconv>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "model/ids.h"

namespace paddock::gateway {
namespace {

constexpr std::size_t kIdPrefixLength = 12;  // 60 random bits

Counter* CounterOfClass(Metrics& metrics, const char* status_class) {
  return &metrics.GetCounter("paddock_http_requests_total", "Answered requests by class of status.",
                             {{"status", status_class}});
}

}  // namespace

ServerMetrics::ServerMetrics(Metrics& metrics)
    : requests_by_class{CounterOfClass(metrics, "other"), CounterOfClass(metrics, "1xx"),
                        CounterOfClass(metrics, "2xx"),   CounterOfClass(metrics, "3xx"),
                        CounterOfClass(metrics, "4xx"),   CounterOfClass(metrics, "5xx")},
      request_seconds(metrics.GetHistogram("paddock_http_request_seconds",
                                           "Time from a request's head to its last byte sent.")),
      connections(metrics.GetGauge("paddock_http_connections", "Open connections.")),
      websockets(metrics.GetGauge("paddock_websockets", "Open WebSockets.")),
      connections_total(
          metrics.GetCounter("paddock_http_connections_total", "Accepted connections.")),
      connections_refused_total(metrics.GetCounter("paddock_http_connections_refused_total",
                                                   "Connections beyond a limit.")),
      bytes_total(metrics.GetCounter("paddock_http_bytes_total",
                                     "Bytes read and written by connections that have ended.")),
      timeouts_total(metrics.GetCounter("paddock_http_timeouts_total",
                                        "Connections and handlers that ran out of time.")) {}

ServerContext::ServerContext(boost::asio::any_io_executor loop,
                             const ServerConfig& server_config,
                             Router& routes,
                             Metrics& registry,
                             IdentityRules rules)
    : executor(std::move(loop)),
      config(server_config),
      router(routes),
      metrics(registry),
      identity(std::move(rules)),
      now(Clock::now()),
      bodies(server_config.limits.buffered_bodies_max),
      scratch(),
      id_prefix_(NewIdText().substr(0, kIdPrefixLength) + '-') {}

void ServerContext::NextRequestId(std::string& id) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), ++id_count_, 16).ptr;
  id = id_prefix_;
  id.append(digits.data(), end);
}

std::string_view ServerContext::Date() {
  const std::time_t second = std::time(nullptr);
  if (second != date_second_) {
    date_second_ = second;
    date_ = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(second));
  }
  return date_;
}

}  // namespace paddock::gateway
