#include "app/playground_server.h"

#include <cstdio>
#include <utility>

#include <fmt/format.h>

#include "playground/local_questions.h"
#include "playground/local_runner.h"
#include "rpc/services/playground_clients.h"

namespace paddock::app {
namespace {

constexpr std::string_view kPrefix = "/database-playground";

/// As the server's, but for the place.
gateway::ServerConfig ListenerConfig(const ServeOptions& options) {
  gateway::ServerConfig config = options.server;
  config.address = options.playground.address;
  config.port = options.playground.port;
  return config;
}

std::unique_ptr<playground::DbRunner> OutputsOf(const ServeOptions& options,
                                                const PlaygroundServerParts& parts) {
  if (options.runner) {
    return std::make_unique<rpc::DbRunnerClient>(parts.loop.get_executor(), *options.runner);
  }
  return std::make_unique<playground::LocalRunner>(parts.runner);
}

std::unique_ptr<playground::QuestionManager> QuestionsOf(const ServeOptions& options,
                                                         const PlaygroundServerParts& parts) {
  if (options.questions) {
    return std::make_unique<rpc::QuestionClient>(parts.loop.get_executor(), *options.questions);
  }
  return std::make_unique<playground::LocalQuestions>(parts.bank);
}

}  // namespace

PlaygroundServer::PlaygroundServer(const ServeOptions& options,
                                   const identity::Secret& secret,
                                   PlaygroundServerParts parts)
    : outputs_(OutputsOf(options, parts)),
      questions_(QuestionsOf(options, parts)),
      runs_(options.playground.runs, options.api.limits.rate_key_count_max),
      gateway_(secret, {.runner = *outputs_, .questions = *questions_, .runs = runs_}),
      sql_runner_(parts.runner, runs_, options.playground.sqlrunner_open) {
  if (options.playground.listen.empty()) {
    return;
  }
  parts.api.AddAuthTo(router_);
  gateway_.AddTo(router_, "");
  server_.emplace(parts.loop, ListenerConfig(options), router_, parts.metrics);
}

void PlaygroundServer::AddTo(gateway::Router& router) {
  gateway_.AddTo(router, kPrefix);
  sql_runner_.AddTo(router);
}

Result<void> PlaygroundServer::Start() {
  if (!server_) {
    return {};
  }
  auto started = server_->Start();
  if (!started) {
    return Fail(std::move(started).error().With("--database-playground-listen"));
  }
  fmt::print("For front ends of Database Playground: {}\n", server_->url());
  std::fflush(stdout);
  return {};
}

Result<void> PlaygroundServer::ReloadTls() {
  return server_ ? server_->ReloadTls() : Result<void>();
}

aio::Task<void> PlaygroundServer::Stop(Deadline deadline) {
  if (server_) {
    co_await server_->Stop(deadline);
  }
}

}  // namespace paddock::app
