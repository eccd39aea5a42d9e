// The production server with one small JSON resource, for bench/http_bench.sh.
//
// usage: http_bench_server [access-log]   prints its port, serves until SIGTERM.

#include <cstdio>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include "gateway/metrics.h"
#include "gateway/router.h"
#include "gateway/server.h"

namespace {

namespace gateway = paddock::gateway;

paddock::aio::Task<gateway::Response> Answer(gateway::Request& request) {
  co_return gateway::JsonResponse(
      200, fmt::format(R"({{"id":"{}","state":"running"}})", request.Parameter("id")));
}

}  // namespace

int main(int argc, char** argv) {
  boost::asio::io_context loop(1);
  gateway::Router router;
  gateway::Metrics metrics;
  gateway::Route route;
  route.pattern = "/api/v1/sandboxes/{id}";
  route.handler = Answer;
  route.access = gateway::Access::kPublic;
  router.Add(std::move(route));
  gateway::ServerConfig config;
  config.port = 0;
  const bool with_log = argc > 1 && std::string_view(argv[1]) == "access-log";
  config.access_log = with_log ? gateway::AccessLog::kAll : gateway::AccessLog::kNone;
  gateway::Server server(loop, config, router, metrics);
  if (auto started = server.Start(); !started) {
    fmt::print(stderr, "{}\n", started.error().message);
    return 1;
  }
  fmt::print("{}\n", server.port());
  std::fflush(stdout);
  boost::asio::signal_set signals(loop, SIGTERM, SIGINT);
  signals.async_wait([&loop](const auto&, int) { loop.stop(); });
  loop.run();
  // Without Stop(): the process ends here, and only the bench is connected.
  std::_Exit(0);
}
