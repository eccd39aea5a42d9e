#include "gateway/testing/live_server.h"

#include <future>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include "base/check.h"

namespace paddock::gateway::testing {
namespace asio = boost::asio;

ServerConfig LiveServer::QuickConfig() {
  using std::chrono::milliseconds;
  ServerConfig config;
  config.port = 0;
  config.access_log = AccessLog::kNone;
  config.limits.head_time_max = milliseconds(300);
  config.limits.progress_time_max = milliseconds(300);
  config.limits.idle_time_max = milliseconds(400);
  config.limits.sweep_interval = milliseconds(20);
  return config;
}

LiveServer::LiveServer(ServerConfig config)
    : work_(asio::make_work_guard(loop_)),
      server_(std::make_unique<Server>(loop_, std::move(config), router, metrics)) {}

LiveServer::~LiveServer() {
  if (thread_.joinable()) {
    Stop(std::chrono::milliseconds(100));
  }
}

void LiveServer::Start() {
  PADDOCK_CHECK(server_->Start().has_value());
  thread_ = std::thread([this] { loop_.run(); });
}

void LiveServer::Stop(std::chrono::milliseconds patience) {
  asio::co_spawn(loop_, server_->Stop(Deadline::After(patience)), asio::use_future).get();
  work_.reset();
  thread_.join();
}

void LiveServer::OnLoop(const std::function<void()>& work) {
  std::promise<void> done;
  asio::post(loop_, [&work, &done] {
    work();
    done.set_value();
  });
  done.get_future().get();
}

}  // namespace paddock::gateway::testing
