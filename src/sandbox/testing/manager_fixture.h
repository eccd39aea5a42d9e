// ManagerTest: a manager with a fake driver, a fake agent and two users, for the manager's tests.
//
// Threading: the test's thread runs the loop. Ownership: the fixture owns all of it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "sandbox/manager.h"
#include "sandbox/testing/fake_agent.h"
#include "sandbox/testing/fake_driver.h"

namespace paddock::sandbox::testing {

inline Deadline Soon() { return Deadline::After(std::chrono::seconds(5)); }

template <class T>
aio::Task<void> Keep(aio::Task<T> work, std::optional<T>& out) {
  auto result = co_await std::move(work);
  out.emplace(std::move(result));
}

class ManagerTest : public ::testing::Test {
 public:
  ~ManagerTest() override { End(); }

 protected:
  ManagerTest() {
    config_.per_user_max = 2;
    config_.reconcile_interval = std::chrono::milliseconds(20);
    config_.retry_interval = std::chrono::milliseconds(5);
  }

  /// Until nothing but timers is left to do.
  void Settle() {
    loop_.restart();
    while (loop_.poll() > 0) {
    }
  }

  void StartManager() {
    auto opener = [this](boost::asio::any_io_executor, UniqueFd, Deadline) { return OpenAgent(); };
    manager_ = std::make_unique<Manager>(config_, driver_, opener);
    scope_.Spawn(manager_->Run());
    Settle();
  }

  aio::Task<Result<AgentRef>> OpenAgent() {
    if (opener_failure_) {
      co_return Fail(*opener_failure_);
    }
    co_return agent_;
  }

  /// Runs the loop until `work` is done.
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

  Result<Info> Create(const UserId& owner) {
    SandboxRequest request{.image = "base", .limits = {}, .env = {}};
    return Await(manager_->Create(owner, std::move(request), manager_->ServerAllowance(), Soon()));
  }

  void End() {
    // On the loop, where cancelling is immediate, as in production.
    boost::asio::post(loop_, [this] { scope_.Cancel(); });
    Settle();
    loop_.restart();
    while (scope_.running_count() > 0) {
      loop_.run_one();
    }
  }

  boost::asio::io_context loop_;
  aio::TaskScope scope_{loop_.get_executor()};
  FakeDriver driver_;
  ManagerConfig config_;
  std::shared_ptr<FakeAgent> agent_ = std::make_shared<FakeAgent>();
  std::optional<Error> opener_failure_;
  std::unique_ptr<Manager> manager_;
  UserId ann_ = NewId<UserId>();
  UserId bob_ = NewId<UserId>();
};

}  // namespace paddock::sandbox::testing
