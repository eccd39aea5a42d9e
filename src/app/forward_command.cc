#include "app/forward_command.h"

#include <signal.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "aio/task_scope.h"
#include "app/listen_address.h"
#include "forwarding/forwarder.h"

namespace paddock::app {
namespace {

namespace asio = boost::asio;

struct Options {
  std::string sandbox;
  std::uint16_t port = 0;
  std::string server = "http://127.0.0.1:3006";
  std::string token;
  std::string token_file;
  std::string listen = "127.0.0.1:0";
};

int Report(const Error& error, int status) {
  fmt::print(stderr, "paddock forward: {}\n", error.message);
  return status;
}

// The references outlive the task.
aio::Task<void> RunUntilStopped(asio::io_context& loop,
                                forwarding::Forwarder& forwarder,
                                bool& is_over) {
  asio::signal_set signals(loop, SIGTERM, SIGINT);
  [[maybe_unused]] auto signal = co_await signals.async_wait(asio::as_tuple(asio::use_awaitable));
  co_await forwarder.Shutdown();
  is_over = true;
}

int Run(Options options) {
  signal(SIGPIPE, SIG_IGN);
  if (!options.token_file.empty()) {
    std::ifstream file(options.token_file);
    if (!std::getline(file, options.token)) {
      return Report({.code = Code::kInvalid, .message = options.token_file + " cannot be read"}, 2);
    }
  }
  auto listen = ParseListenAddress(options.listen);
  if (!listen) {
    return Report(std::move(listen).error().With("--listen"), 2);
  }
  auto target = forwarding::MakeTarget(options.server, options.sandbox, options.port,
                                       std::move(options.token));
  if (!target) {
    return Report(target.error(), 2);
  }
  asio::io_context loop(1);
  forwarding::Forwarder forwarder(
      loop.get_executor(), *std::move(target),
      [](const std::string& what) { fmt::print(stderr, "paddock forward: {}\n", what); });
  auto port = forwarder.Listen(listen->address, listen->port);
  if (!port) {
    return Report(port.error(), 1);
  }
  fmt::print("port {} of the sandbox is at {}:{}\n", options.port, listen->address, *port);
  std::fflush(stdout);
  aio::TaskScope scope(loop.get_executor());
  bool is_over = false;
  scope.Spawn(RunUntilStopped(loop, forwarder, is_over));
  while (!is_over || scope.running_count() > 0) {
    loop.run_one();
  }
  return 0;
}

}  // namespace

int ForwardCommand(std::span<char*> arguments) {
  Options options;
  CLI::App app("Puts a port of a sandbox on a local port, until it is stopped.", "paddock forward");
  app.add_option("sandbox", options.sandbox, "its id")->required();
  app.add_option("port", options.port, "of the sandbox, 5432 for PostgreSQL")->required();
  app.add_option("--server", options.server, "http://HOST:PORT or https://HOST")
      ->capture_default_str();
  auto* token = app.add_option_group("token", "an API token with the scope write:resource");
  token->add_option("--token", options.token, "itself; others on this computer can see it");
  token->add_option("--token-file", options.token_file, "a file whose first line it is");
  token->require_option(1);
  app.add_option("--listen", options.listen, "where, and 0 for any free port")
      ->capture_default_str();
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::ParseError& failure) {
    return app.exit(failure) == 0 ? 0 : 2;
  }
  return Run(std::move(options));
}

}  // namespace paddock::app
