// HostedServerFixture: a HostedServer on a driver and with agents in memory.
//
// Threading: the test's. Ownership: tests derive from it.
#pragma once

#include <sys/eventfd.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "runners/hosted/hosted_server.h"
#include "sandbox/system_owner.h"
#include "sandbox/testing/fake_agent.h"
#include "sandbox/testing/fake_driver.h"

namespace paddock::runners::hosted::testing {

class HostedServerFixture : public ::testing::Test {
 public:
  ~HostedServerFixture() override {
    Stop();
    server_.reset();
    Settle();
  }

 protected:
  HostedServerFixture() {
    driver_.images = {"base", "postgres"};
    Restart();
  }

  /// As another process would, that knows nothing of this one.
  void Restart(std::chrono::milliseconds wait_max = std::chrono::seconds(5),
               std::chrono::milliseconds idle_max = std::chrono::hours(1)) {
    Stop();
    server_.reset();
    leftovers_.emplace(driver_, owner_);
    auto opener = [this](boost::asio::any_io_executor, UniqueFd, Deadline) { return OpenAgent(); };
    server_ = std::make_unique<HostedServer>(
        loop_.get_executor(), driver_, opener, *leftovers_, PostgresRecipe(),
        HostedConfig{.start_time_max = std::chrono::seconds(5),
                     .wait_max = wait_max,
                     .retry_pause = std::chrono::milliseconds(0),
                     .idle_max = idle_max});
  }
  void Stop() {
    if (server_ != nullptr) {
      (void)Await(StopServer());
    }
  }

  template <class T>
  T Await(aio::Task<T> work) {
    std::optional<T> out;
    scope_.Spawn(Keep(std::move(work), out));
    loop_.restart();
    while (!out) {
      loop_.run_one();
    }
    return *std::move(out);
  }
  template <class T>
  static aio::Task<void> Keep(aio::Task<T> work, std::optional<T>& out) {
    auto result = co_await std::move(work);
    out.emplace(std::move(result));
  }
  void Settle() {
    loop_.restart();
    while (loop_.poll() > 0) {
    }
  }

  static Deadline Soon() { return Deadline::After(std::chrono::seconds(5)); }
  Result<void> AwaitServer() { return Await(server_->Await(Soon())); }
  sandbox::testing::FakeAgent& agent() { return *agents_.back(); }
  static Result<UniqueFd> Connected(const std::string& /*target*/) {
    return UniqueFd(eventfd(0, EFD_CLOEXEC));
  }
  static Result<UniqueFd> Refused(const std::string& /*target*/) {
    return Fail(Code::kUnavailable, "cannot connect: Connection refused");
  }
  /// And no longer than until it runs.
  Result<void> Use() {
    const HostedServer::Use use(*server_);
    return AwaitServer();
  }
  SandboxId MakeMachine(const UserId& owner) {
    sandbox::Spec spec{
        .id = NewId<SandboxId>(), .owner = owner, .image = "base", .limits = {}, .env = {}};
    return Await(driver_.Create(std::move(spec), Soon())).value().id;
  }

  boost::asio::io_context loop_;
  aio::TaskScope scope_{loop_.get_executor()};
  sandbox::testing::FakeDriver driver_;
  UserId owner_ = sandbox::NewSystemOwner();
  std::vector<std::shared_ptr<sandbox::testing::FakeAgent>> agents_;
  std::function<Result<sandbox::ExecResult>(const sandbox::ExecSpec&)> exec_;
  std::optional<Leftovers> leftovers_;
  std::unique_ptr<HostedServer> server_;

 private:
  aio::Task<int> StopServer() {
    co_await server_->Stop(Soon());
    co_return 0;
  }
  aio::Task<Result<sandbox::AgentRef>> OpenAgent() {
    auto made = std::make_shared<sandbox::testing::FakeAgent>();
    made->run = exec_;
    made->forward = &Connected;
    agents_.push_back(made);
    co_return made;
  }
};

}  // namespace paddock::runners::hosted::testing
