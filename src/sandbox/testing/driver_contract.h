// DriverContract: what every Driver must do, whatever runs underneath.
//
// INSTANTIATE_TEST_SUITE_P it with a maker of a DriverHost per implementation. The fake runs it in
// the unit tests, the real engines and the gRPC client in tests/.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "aio/testing/run_on.h"
#include "sandbox/driver.h"
#include "sandbox/testing/driver_host.h"

namespace paddock::sandbox::testing {

class DriverContract : public ::testing::TestWithParam<DriverUnderTest> {
 protected:
  void SetUp() override {
    host_ = GetParam().make();
    if (const std::string missing = host_->missing(); !missing.empty()) {
      GTEST_SKIP() << missing;
    }
  }

  template <class T>
  Result<T> Await(aio::Task<Result<T>> task) {
    return aio::testing::RunUntilDone(host_->loop(), std::move(task));
  }
  Driver& driver() { return host_->driver(); }
  static Deadline Soon() { return Deadline::After(std::chrono::seconds(20)); }

  Spec MakeSpec() {
    return Spec{.id = NewId<SandboxId>(),
                .owner = NewId<UserId>(),
                .image = host_->image(),
                .limits = {},
                .env = {{"COURSE", "sql-1"}},
                .network = Network::kNone};
  }
  Result<Info> Create(Spec spec) { return Await(driver().Create(std::move(spec), Soon())); }
  SandboxId MustCreate() {
    auto info = Create(MakeSpec());
    EXPECT_TRUE(info) << info.error().message;
    return info ? info->id : NewId<SandboxId>();
  }
  bool Lists(const SandboxId& id) {
    auto infos = Await(driver().List(Soon()));
    EXPECT_TRUE(infos);
    return infos && std::ranges::any_of(*infos, [&](const Info& info) { return info.id == id; });
  }
  std::optional<Info> InfoOf(const SandboxId& id) {
    auto infos = Await(driver().List(Soon()));
    for (Info& info : infos.value_or(std::vector<Info>{})) {
      if (info.id == id) {
        return std::move(info);
      }
    }
    return std::nullopt;
  }
  State StateOf(const SandboxId& id) {
    const auto info = InfoOf(id);
    return info ? info->state : State::kDestroyed;
  }
  bool IsOwnedBy(const SandboxId& id, const UserId& owner) {
    const auto info = InfoOf(id);
    return info && info->owner == owner;
  }
  // Calls Create and stops waiting for it after `patience`; true when it was quicker.
  static aio::Task<Result<bool>> CreateImpatiently(Driver& driver,
                                                   Spec spec,
                                                   std::chrono::milliseconds patience) {
    namespace asio = boost::asio;
    bool is_created = false;
    const auto executor = co_await asio::this_coro::executor;
    aio::TaskScope caller(executor);
    caller.Spawn(CreateInto(driver, std::move(spec), is_created));
    asio::steady_timer timer(executor, patience);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    caller.Cancel();
    co_await caller.Join();
    co_return is_created;
  }
  static aio::Task<void> CreateInto(Driver& driver, Spec spec, bool& is_created) {
    auto created = co_await driver.Create(std::move(spec), Soon());
    is_created = created.has_value();
  }
  void RunFor(std::chrono::milliseconds time) {
    host_->loop().restart();
    host_->loop().run_for(time);
  }
  template <class T>
  static Code CodeOf(const Result<T>& result) {
    EXPECT_FALSE(result);
    return result ? Code::kInternal : result.error().code;
  }

  std::unique_ptr<DriverHost> host_;
};

TEST_P(DriverContract, ACreatedSandboxRunsAndIsPinnedByDigest) {
  const Spec spec = MakeSpec();
  auto info = Create(spec);
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->id, spec.id);
  EXPECT_EQ(info->owner, spec.owner);
  EXPECT_EQ(info->limits, spec.limits);
  EXPECT_EQ(info->env, spec.env);
  EXPECT_EQ(info->state, State::kRunning);
  EXPECT_NE(info->image.find("@sha256:"), std::string::npos) << info->image;
  EXPECT_TRUE(Lists(spec.id));
  EXPECT_TRUE(Await(driver().Destroy(spec.id, Soon())));
}

TEST_P(DriverContract, AnIdIsUsedOnce) {
  const Spec spec = MakeSpec();
  ASSERT_TRUE(Create(spec));
  EXPECT_EQ(CodeOf(Create(spec)), Code::kConflict);
  EXPECT_TRUE(Lists(spec.id));
  EXPECT_TRUE(Await(driver().Destroy(spec.id, Soon())));
}

TEST_P(DriverContract, AnUnknownImageIsNotFoundAndLeavesNothing) {
  Spec spec = MakeSpec();
  spec.image = "no-such-image";
  EXPECT_EQ(CodeOf(Create(spec)), Code::kNotFound);
  EXPECT_FALSE(Lists(spec.id));
}

TEST_P(DriverContract, ALimitOfZeroIsInvalidAndNeverUnlimited) {
  const std::vector<std::function<void(Limits&)>> changes{
      [](Limits& limits) { limits.memory = {}; },
      [](Limits& limits) { limits.cpu = {}; },
      [](Limits& limits) { limits.process_count_max = 0; },
      [](Limits& limits) { limits.disk = {}; },
      [](Limits& limits) { limits.inode_count_max = 0; },
      [](Limits& limits) { limits.lifetime_max = std::chrono::seconds(0); },
      [](Limits& limits) { limits.process_count_max = -1; },
      [](Limits& limits) { limits.lifetime_max = std::chrono::seconds(-1); }};
  for (std::size_t index = 0; index < changes.size(); ++index) {
    Spec spec = MakeSpec();
    changes[index](spec.limits);
    EXPECT_EQ(CodeOf(Create(spec)), Code::kInvalid) << "change " << index;
    EXPECT_FALSE(Lists(spec.id));
  }
}

TEST_P(DriverContract, APassedDeadlineFailsAsSuchAndLeavesNothing) {
  const Spec spec = MakeSpec();
  auto info = Await(driver().Create(spec, Deadline::At({})));
  EXPECT_EQ(CodeOf(info), Code::kDeadlineExceeded);
  EXPECT_FALSE(Lists(spec.id));
}

TEST_P(DriverContract, ACreateThatNobodyWaitsForAnyMoreLeavesNothing) {
  std::vector<SandboxId> abandoned;
  for (const int patience_ms : {0, 1, 2, 4, 7, 11, 16, 25, 40}) {
    const Spec spec = MakeSpec();
    auto created = Await(CreateImpatiently(driver(), spec, std::chrono::milliseconds(patience_ms)));
    ASSERT_TRUE(created);
    if (*created) {
      EXPECT_TRUE(Await(driver().Destroy(spec.id, Soon())));
    }
    abandoned.push_back(spec.id);
  }
  const auto is_listed = [this](const SandboxId& id) { return Lists(id); };
  for (int round = 0; round < 200 && std::ranges::any_of(abandoned, is_listed); ++round) {
    RunFor(std::chrono::milliseconds(20));
  }
  RunFor(std::chrono::milliseconds(200));  // whatever else might still come
  EXPECT_TRUE(std::ranges::none_of(abandoned, is_listed));
}

TEST_P(DriverContract, DestroyIsIdempotentAndForgets) {
  const SandboxId id = MustCreate();
  EXPECT_TRUE(Await(driver().Destroy(id, Soon())));
  EXPECT_FALSE(Lists(id));
  EXPECT_TRUE(Await(driver().Destroy(id, Soon())));
  EXPECT_TRUE(Await(driver().Destroy(NewId<SandboxId>(), Soon())));
}

TEST_P(DriverContract, EveryCallOnAnUnknownSandboxIsNotFound) {
  const auto id = NewId<SandboxId>();
  EXPECT_EQ(CodeOf(Await(driver().Connect(id, Soon()))), Code::kNotFound);
  EXPECT_EQ(CodeOf(Await(driver().Stop(id, Soon()))), Code::kNotFound);
  EXPECT_EQ(CodeOf(Await(driver().Start(id, Soon()))), Code::kNotFound);
  EXPECT_EQ(CodeOf(Await(driver().Pause(id, Soon()))), Code::kNotFound);
  EXPECT_EQ(CodeOf(Await(driver().Resume(id, Soon()))), Code::kNotFound);
  EXPECT_EQ(CodeOf(Await(driver().Transfer(id, NewId<UserId>(), Soon()))), Code::kNotFound);
  EXPECT_EQ(CodeOf(Await(driver().Stats(id, Soon()))), Code::kNotFound);
  EXPECT_EQ(CodeOf(Await(driver().Logs(id, Soon()))), Code::kNotFound);
}

TEST_P(DriverContract, SeveralStreamsToOneAgentMayBeOpen) {
  const SandboxId id = MustCreate();
  auto first = Await(driver().Connect(id, Soon()));
  auto second = Await(driver().Connect(id, Soon()));
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_NE(first->get(), second->get());
  EXPECT_TRUE(Await(driver().Destroy(id, Soon())));
}

TEST_P(DriverContract, AStoppedSandboxCanStartAgain) {
  auto capabilities = Await(driver().GetCapabilities(Soon()));
  ASSERT_TRUE(capabilities);
  if (!capabilities->stop_and_start) {
    EXPECT_FALSE(capabilities->missing.empty());
    return;
  }
  const SandboxId id = MustCreate();
  ASSERT_TRUE(Await(driver().Stop(id, Soon())));
  EXPECT_TRUE(Await(driver().Stop(id, Soon())));
  EXPECT_EQ(StateOf(id), State::kStopped);
  EXPECT_EQ(CodeOf(Await(driver().Connect(id, Soon()))), Code::kConflict);
  auto started = Await(driver().Start(id, Soon()));
  ASSERT_TRUE(started) << started.error().message;
  EXPECT_TRUE(Await(driver().Start(id, Soon())));
  EXPECT_EQ(StateOf(id), State::kRunning);
  EXPECT_TRUE(Await(driver().Connect(id, Soon())));
  EXPECT_TRUE(Await(driver().Destroy(id, Soon())));
}

TEST_P(DriverContract, APausedSandboxResumesAndCanBeDestroyed) {
  auto capabilities = Await(driver().GetCapabilities(Soon()));
  ASSERT_TRUE(capabilities);
  const SandboxId id = MustCreate();
  if (!capabilities->pause) {
    EXPECT_EQ(CodeOf(Await(driver().Pause(id, Soon()))), Code::kConflict);
    EXPECT_FALSE(capabilities->missing.empty());
  } else {
    ASSERT_TRUE(Await(driver().Pause(id, Soon())));
    EXPECT_TRUE(Await(driver().Pause(id, Soon())));
    EXPECT_EQ(StateOf(id), State::kPaused);
    EXPECT_EQ(CodeOf(Await(driver().Start(id, Soon()))), Code::kConflict);
    ASSERT_TRUE(Await(driver().Resume(id, Soon())));
    EXPECT_EQ(StateOf(id), State::kRunning);
    ASSERT_TRUE(Await(driver().Pause(id, Soon())));
  }
  EXPECT_TRUE(Await(driver().Destroy(id, Soon())));
}

TEST_P(DriverContract, WhatIsNotSupportedIsDeclared) {
  auto capabilities = Await(driver().GetCapabilities(Soon()));
  ASSERT_TRUE(capabilities);
  EXPECT_FALSE(capabilities->engine.empty());
  const SandboxId id = MustCreate();
  auto saved = Await(driver().Snapshot(id, "saved", Soon()));
  EXPECT_EQ(saved.has_value(), capabilities->snapshot);
  if (!saved) {
    EXPECT_EQ(saved.error().code, Code::kConflict);
  }
  EXPECT_TRUE(Await(driver().Destroy(id, Soon())));
}

TEST_P(DriverContract, StatsAndLogsOfARunningSandboxCanBeRead) {
  const SandboxId id = MustCreate();
  auto usage = Await(driver().Stats(id, Soon()));
  ASSERT_TRUE(usage) << usage.error().message;
  EXPECT_GT(usage->memory.count, 0U);
  EXPECT_GE(usage->memory_peak, usage->memory);
  EXPECT_GE(usage->process_count, 1);
  EXPECT_GT(usage->disk.count, 0U);
  EXPECT_GT(usage->inode_count, 0U);
  EXPECT_TRUE(Await(driver().Logs(id, Soon())));
  EXPECT_TRUE(Await(driver().Destroy(id, Soon())));
}

TEST_P(DriverContract, ATransferredSandboxIsTheNewOwnersAndRunsOnUnchanged) {
  const SandboxId id = MustCreate();
  const auto before = InfoOf(id);
  ASSERT_TRUE(before);
  auto stream = Await(driver().Connect(id, Soon()));
  ASSERT_TRUE(stream) << stream.error().message;
  const auto owner = NewId<UserId>();
  auto transferred = Await(driver().Transfer(id, owner, Soon()));
  ASSERT_TRUE(transferred) << transferred.error().message;
  EXPECT_TRUE(Await(driver().Transfer(id, owner, Soon()))) << "once more changes nothing";
  const auto after = InfoOf(id);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->owner, owner);
  EXPECT_EQ(after->state, State::kRunning);
  EXPECT_EQ(after->image, before->image);
  EXPECT_EQ(after->limits, before->limits);
  EXPECT_EQ(after->env, before->env);
  EXPECT_TRUE(Await(driver().Connect(id, Soon())));
  auto usage = Await(driver().Stats(id, Soon()));
  ASSERT_TRUE(usage) << usage.error().message;
  EXPECT_GE(usage->process_count, 1);
  EXPECT_TRUE(Await(driver().Destroy(id, Soon())));
  EXPECT_FALSE(Lists(id));
}

TEST_P(DriverContract, AStoppedSandboxIsTransferredAndStartsForItsNewOwner) {
  const SandboxId id = MustCreate();
  auto capabilities = Await(driver().GetCapabilities(Soon()));
  ASSERT_TRUE(capabilities);
  if (capabilities->stop_and_start) {
    ASSERT_TRUE(Await(driver().Stop(id, Soon())));
    const auto owner = NewId<UserId>();
    ASSERT_TRUE(Await(driver().Transfer(id, owner, Soon())));
    EXPECT_EQ(StateOf(id), State::kStopped);
    auto started = Await(driver().Start(id, Soon()));
    ASSERT_TRUE(started) << started.error().message;
    EXPECT_TRUE(IsOwnedBy(id, owner));
    EXPECT_TRUE(Await(driver().Connect(id, Soon())));
  }
  EXPECT_TRUE(Await(driver().Destroy(id, Soon())));
}

TEST_P(DriverContract, ATransferIsToSomebody) {
  const SandboxId id = MustCreate();
  const auto before = InfoOf(id);
  ASSERT_TRUE(before);
  for (const char* nobody : {"x", "../../etc", "AAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    EXPECT_EQ(CodeOf(Await(driver().Transfer(id, UserId(nobody), Soon()))), Code::kInvalid);
  }
  EXPECT_TRUE(IsOwnedBy(id, before->owner));
  EXPECT_TRUE(Await(driver().Destroy(id, Soon())));
}

TEST_P(DriverContract, ATransferOutlivesTheDriverAndTheSandboxLivesOn) {
  const SandboxId running = MustCreate();
  const SandboxId stopped = MustCreate();
  ASSERT_TRUE(Await(driver().Stop(stopped, Soon())));
  const auto owner = NewId<UserId>();
  ASSERT_TRUE(Await(driver().Transfer(running, owner, Soon())));
  ASSERT_TRUE(Await(driver().Transfer(stopped, owner, Soon())));
  host_->Restart();
  EXPECT_TRUE(IsOwnedBy(running, owner));
  EXPECT_TRUE(IsOwnedBy(stopped, owner));
  EXPECT_EQ(StateOf(running), State::kRunning);
  EXPECT_EQ(StateOf(stopped), State::kStopped);
  EXPECT_TRUE(Await(driver().Connect(running, Soon())));
  auto usage = Await(driver().Stats(running, Soon()));
  ASSERT_TRUE(usage) << usage.error().message;
  EXPECT_GE(usage->process_count, 1);
  EXPECT_TRUE(Await(driver().Start(stopped, Soon())));
  EXPECT_TRUE(Await(driver().Destroy(running, Soon())));
  EXPECT_TRUE(Await(driver().Destroy(stopped, Soon())));
  EXPECT_FALSE(Lists(running));
  EXPECT_FALSE(Lists(stopped));
}

}  // namespace paddock::sandbox::testing
