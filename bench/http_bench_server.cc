// The production server with one small JSON resource and one WebSocket, for bench/http_bench.sh and
// bench/websocket_memory.py.
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
#include "gateway/websocket.h"

namespace {

namespace gateway = paddock::gateway;

paddock::aio::Task<gateway::Response> Answer(gateway::Request& request) {
  co_return gateway::JsonResponse(
      200, fmt::format(R"({{"id":"{}","state":"running"}})", request.Parameter("id")));
}

paddock::aio::Task<void> DropAll(gateway::WebSocket& socket) {
  for (;;) {
    auto message = co_await socket.Receive();
    if (!message) {
      co_return;
    }
  }
}

paddock::aio::Task<gateway::Response> Open(gateway::Request& /*request*/) {
  gateway::Response response;
  gateway::WebSocketUpgrade upgrade;
  upgrade.run = DropAll;
  response.body = std::move(upgrade);
  co_return response;
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
  gateway::Route socket;
  socket.pattern = "/socket";
  socket.handler = Open;
  socket.access = gateway::Access::kPublic;
  socket.websocket = true;
  router.Add(std::move(socket));
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
