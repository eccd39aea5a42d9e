// A node that is killed at any point leaves a state that the next one puts right.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "host_state.h"
#include "oci_host.h"

namespace paddock::testing {
namespace {

constexpr const char* kVictimDirectory = "PADDOCK_TEST_VICTIM_DIRECTORY";
constexpr int kKills = 12;
constexpr int kVictimLifeMaxMs = 2500;  // enough to open the driver and make some sandboxes
constexpr unsigned kSeed = 20;

// The process that is killed: makes sandboxes without end, and destroys every other one.
TEST(DISABLED_Victim, MakesSandboxesUntilItIsKilled) {
  const char* directory = getenv(kVictimDirectory);  // NOLINT(concurrency-mt-unsafe)
  ASSERT_NE(directory, nullptr);
  OciHost host("crun", directory);
  for (int count = 0;; ++count) {
    const SandboxId id = host.Create();
    if (count % 2 == 1) {
      host.Destroy(id);
    }
  }
}

pid_t StartVictim(const std::filesystem::path& directory) {
  setenv(kVictimDirectory, directory.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
  const pid_t pid = fork();
  if (pid == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    execl("/proc/self/exe", "victim", "--gtest_filter=DISABLED_Victim.*",
          "--gtest_also_run_disabled_tests", static_cast<char*>(nullptr));
    _exit(1);
  }
  return pid;
}

std::filesystem::path JournalOf(const std::filesystem::path& directory, const SandboxId& id) {
  return directory / "data/node/sandboxes" / id.value() / "journal.json";
}

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(RecoveryTest, ASecondNodeIsRefusedAndDisturbsNothing) {
  OciHost host("crun");
  if (const std::string missing = host.missing(); !missing.empty()) {
    GTEST_SKIP() << missing;
  }
  auto second = host.Open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kUnavailable) << second.error().message;
  // Other disks, but the same sockets.
  auto config = host.config();
  config.data_dir += "-other";
  auto third = host.Await(
      drivers::oci::OciDriver::Open(host.loop().get_executor(), config, OciHost::Soon()));
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, Code::kUnavailable) << third.error().message;
  // Everything its own, but the same control groups.
  config.run_dir += "-other";
  auto fourth = host.Await(
      drivers::oci::OciDriver::Open(host.loop().get_executor(), config, OciHost::Soon()));
  ASSERT_FALSE(fourth);
  EXPECT_EQ(fourth.error().code, Code::kUnavailable) << fourth.error().message;
  const SandboxId id = host.Create();
  EXPECT_EQ(host.Run(id, "echo alive"), "alive\n");
}

TEST(RecoveryTest, RangesOfIdsThatAreNotTheSandboxesOwnAreRefused) {
  OciHost host("crun");
  if (const std::string missing = host.missing(); !missing.empty()) {
    GTEST_SKIP() << missing;
  }
  host.Close();
  for (const std::uint32_t base : {0U, 1000U, 65'535U, 0xffff'0000U}) {
    auto config = host.config();
    config.id_base = base;
    auto opened = host.Await(
        drivers::oci::OciDriver::Open(host.loop().get_executor(), config, OciHost::Soon()));
    ASSERT_FALSE(opened) << base;
    EXPECT_EQ(opened.error().code, Code::kInvalid) << base;
  }
}

TEST(RecoveryTest, ARecordThatCannotBeReadIsLeftAloneAndKeepsNobodyFromTheirNode) {
  OciHost host("crun");
  if (const std::string missing = host.missing(); !missing.empty()) {
    GTEST_SKIP() << missing;
  }
  const SandboxId damaged = host.Create();
  const SandboxId whole = host.Create();
  host.Run(damaged, "echo kept > /root/file; sync");
  const auto journal = JournalOf(host.directory(), damaged);
  const std::string text = ReadText(journal);
  for (const std::string& bad :
       {std::string(), text.substr(0, text.size() / 2), std::string(R"({"version":999})")}) {
    host.Close();
    std::ofstream(journal) << bad;
    auto opened = host.Open();
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(host.Run(whole, "echo alive"), "alive\n");
    EXPECT_EQ(host.StateOf(damaged), sandbox::State::kDestroyed) << "it is not known";
  }
  // Mended, or read by the version that wrote it, it is the same machine.
  host.Close();
  std::ofstream(journal) << text;
  ASSERT_TRUE(host.Open());
  EXPECT_EQ(host.StateOf(damaged), sandbox::State::kFailed);
  ASSERT_TRUE(host.Await(host.driver().Start(damaged, OciHost::Soon())));
  EXPECT_EQ(host.Run(damaged, "cat /root/file"), "kept\n");
}

TEST(RecoveryTest, ASandboxWasOnlyPausedIfItsPauseWasAnsweredFor) {
  OciHost host("crun");
  if (const std::string missing = host.missing(); !missing.empty()) {
    GTEST_SKIP() << missing;
  }
  const SandboxId id = host.Create();
  const auto live = host.directory() / "run/sandboxes" / id.value() / "live.json";
  const auto before = host.directory() / "before.json";
  std::filesystem::copy_file(live, before);
  ASSERT_TRUE(host.Await(host.driver().Pause(id, OciHost::Soon())));
  host.Close();
  // As if the node had been killed before it wrote that down.
  std::filesystem::copy_file(before, live, std::filesystem::copy_options::overwrite_existing);
  ASSERT_TRUE(host.Open());
  EXPECT_EQ(host.StateOf(id), sandbox::State::kRunning);
  EXPECT_EQ(host.Run(id, "echo alive"), "alive\n");
}

UserId OwnerOf(OciHost& host, const SandboxId& id) {
  const auto infos = host.Await(host.driver().List(OciHost::Soon()));
  for (const sandbox::Info& info : infos.value_or(std::vector<sandbox::Info>{})) {
    if (info.id == id) {
      return info.owner;
    }
  }
  return UserId("nobody");
}

TEST(RecoveryTest, ASandboxFromBeforeOwnersCouldChangeIsFoundAndCanBeTransferred) {
  OciHost host("crun");
  if (const std::string missing = host.missing(); !missing.empty()) {
    GTEST_SKIP() << missing;
  }
  const SandboxId id = host.Create();
  const UserId creator = OwnerOf(host, id);
  host.Close();
  std::string text = ReadText(JournalOf(host.directory(), id));
  const std::string group = R"("group":")" + creator.value() + R"(",)";
  const auto at = text.find(group);
  ASSERT_NE(at, std::string::npos) << text;
  text.erase(at, group.size());
  std::ofstream(JournalOf(host.directory(), id), std::ios::trunc) << text;
  ASSERT_TRUE(host.Open());
  EXPECT_EQ(host.StateOf(id), sandbox::State::kRunning);
  EXPECT_EQ(OwnerOf(host, id), creator);
  const auto owner = NewId<UserId>();
  ASSERT_TRUE(host.Await(host.driver().Transfer(id, owner, OciHost::Soon())));
  host.Restart();
  EXPECT_EQ(host.StateOf(id), sandbox::State::kRunning);
  EXPECT_EQ(OwnerOf(host, id), owner);
  EXPECT_EQ(host.Run(id, "echo alive"), "alive\n");
}

TEST(RecoveryTest, ATransferredSandboxIsPausedEndedAndRemovedLikeAnyOther) {
  OciHost host("crun");
  if (const std::string missing = host.missing(); !missing.empty()) {
    GTEST_SKIP() << missing;
  }
  const SandboxId paused = host.Create();
  const SandboxId dead = host.Create();
  const auto owner = NewId<UserId>();
  for (const SandboxId& id : {paused, dead}) {
    ASSERT_TRUE(host.Await(host.driver().Transfer(id, owner, OciHost::Soon())));
  }
  ASSERT_TRUE(host.Await(host.driver().Pause(paused, OciHost::Soon())));
  auto stream = host.Await(host.driver().Connect(dead, OciHost::Soon()));
  ASSERT_TRUE(stream) << stream.error().message;
  host.Close();
  ASSERT_GT(write(stream->get(), "kill -TERM 1\n", 13), 0);
  ASSERT_TRUE(host.Open());
  const auto give_up = OciHost::Soon();
  while (host.StateOf(dead) == sandbox::State::kRunning && !give_up.Passed()) {
    host.Wait(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(host.StateOf(dead), sandbox::State::kFailed);
  EXPECT_EQ(host.StateOf(paused), sandbox::State::kPaused);
  EXPECT_EQ(OwnerOf(host, paused), owner);
  EXPECT_EQ(OwnerOf(host, dead), owner);
  ASSERT_TRUE(host.Await(host.driver().Resume(paused, OciHost::Soon())));
  ASSERT_TRUE(host.Await(host.driver().Start(dead, OciHost::Soon())));
  EXPECT_EQ(host.Run(paused, "echo alive"), "alive\n");
  EXPECT_EQ(host.Run(dead, "echo alive"), "alive\n");
  host.Destroy(paused);
  host.Destroy(dead);
  const HostState left = host.Settle([](const HostState& state) {
    return state.process_count == 0 && state.cgroup_count == 0 && state.loop_device_count == 0;
  });
  EXPECT_EQ(left.process_count, 0) << Describe(left);
  EXPECT_EQ(left.cgroup_count, 0) << Describe(left);
  EXPECT_EQ(left.loop_device_count, 0) << Describe(left);
}

// A boot is known by its id; another one stands for a reboot, which ends all processes as well.
void PretendReboot(const std::filesystem::path& directory, const SandboxId& id) {
  std::filesystem::remove(directory / "run/sandboxes" / id.value() / "live.json");
  const auto path = JournalOf(directory, id);
  std::string text = ReadText(path);
  const std::string key = R"("boot_id":")";
  const auto at = text.find(key);
  ASSERT_NE(at, std::string::npos) << text;
  text.replace(at + key.size(), 4, "0000");
  std::ofstream(path, std::ios::trunc) << text;
}

TEST(RecoveryTest, AfterARebootASandboxIsStoppedAndItsDiskIsCheckedBeforeItStarts) {
  OciHost host("crun");
  if (const std::string missing = host.missing(); !missing.empty()) {
    GTEST_SKIP() << missing;
  }
  const SandboxId id = host.Create();
  host.Run(id, "echo kept > /root/file; sync");
  host.Close();
  PretendReboot(host.directory(), id);
  ASSERT_TRUE(host.Open());
  EXPECT_EQ(host.StateOf(id), sandbox::State::kStopped);
  const auto disk = host.directory() / "data/node/sandboxes" / id.value() / "disk.img";
  const auto damage = [&disk](char byte) {
    std::fstream file(disk, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(1024 + 0x38);  // the magic number of the superblock
    char old = 0;
    file.read(&old, 1);
    file.seekp(1024 + 0x38);
    file.write(&byte, 1);
    return old;
  };
  const char good = damage('x');
  auto started = host.Await(host.driver().Start(id, OciHost::Soon()));
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("damaged"), std::string::npos) << started.error().message;
  damage(good);
  started = host.Await(host.driver().Start(id, OciHost::Soon()));
  ASSERT_TRUE(started) << started.error().message;
  EXPECT_EQ(host.Run(id, "cat /root/file"), "kept\n");
}

TEST(RecoveryTest, WhatWasDestroyedStaysSoWhenTheNodeIsKilledBeforeAllIsRemoved) {
  OciHost host("crun");
  if (const std::string missing = host.missing(); !missing.empty()) {
    GTEST_SKIP() << missing;
  }
  const SandboxId id = host.Create();
  host.Close();
  // As a node leaves it that is killed right after its answer.
  const auto node = host.directory() / "data/node";
  std::filesystem::rename(node / "sandboxes" / id.value(), node / "trash" / id.value());
  ASSERT_TRUE(host.Open());
  EXPECT_EQ(host.StateOf(id), sandbox::State::kDestroyed);
  const HostState left = host.Settle([](const HostState& state) {
    return state.process_count == 0 && state.cgroup_count == 0 && state.loop_device_count == 0;
  });
  EXPECT_EQ(left.process_count, 0) << Describe(left);
  EXPECT_EQ(left.cgroup_count, 0) << Describe(left);
  EXPECT_EQ(left.loop_device_count, 0) << Describe(left);
  EXPECT_TRUE(std::filesystem::is_empty(node / "trash"));
}

TEST(RecoveryTest, ANodeKilledAtAnyPointLeavesNoHalfMadeSandbox) {
  OciHost host("crun");
  if (const std::string missing = host.missing(); !missing.empty()) {
    GTEST_SKIP() << missing;
  }
  std::mt19937 random(kSeed);
  std::uniform_int_distribution<int> life(100, kVictimLifeMaxMs);
  std::size_t survivor_count = 0;
  for (int kill_count = 0; kill_count < kKills; ++kill_count) {
    host.Close();
    const pid_t victim = StartVictim(host.directory());
    std::this_thread::sleep_for(std::chrono::milliseconds(life(random)));
    kill(victim, SIGKILL);
    waitpid(victim, nullptr, 0);
    auto opened = host.Open();
    ASSERT_TRUE(opened) << opened.error().message;
    auto infos = host.Await(host.driver().List(OciHost::Soon()));
    ASSERT_TRUE(infos);
    survivor_count += infos->size();
    for (const sandbox::Info& info : *infos) {
      EXPECT_EQ(info.state, sandbox::State::kRunning) << info.failure;
      EXPECT_EQ(host.Run(info.id, "echo alive"), "alive\n");
      host.Destroy(info.id);
    }
    const HostState left = host.Settle([](const HostState& state) {
      return state.process_count == 0 && state.loop_device_count == 0 && state.socket_count == 0 &&
             state.cgroup_count == 0;
    });
    EXPECT_EQ(left.process_count, 0) << Describe(left);
    EXPECT_EQ(left.loop_device_count, 0) << Describe(left);
    EXPECT_EQ(left.cgroup_count, 0) << Describe(left);
    EXPECT_EQ(left.socket_count, 0) << Describe(left);
  }
  // Otherwise every victim died too early to show anything.
  EXPECT_GT(survivor_count, 0U);
}

TEST(RecoveryTest, ARestartedNodeFindsRunningPausedAndStoppedSandboxesAsTheyWere) {
  OciHost host("crun");
  if (const std::string missing = host.missing(); !missing.empty()) {
    GTEST_SKIP() << missing;
  }
  const SandboxId running = host.Create();
  const SandboxId paused = host.Create();
  const SandboxId stopped = host.Create();
  const SandboxId dead = host.Create();
  host.Run(stopped, "echo kept > /root/file");
  ASSERT_TRUE(host.Await(host.driver().Pause(paused, OciHost::Soon())));
  ASSERT_TRUE(host.Await(host.driver().Stop(stopped, OciHost::Soon())));
  auto stream = host.Await(host.driver().Connect(running, OciHost::Soon()));
  auto late = host.Await(host.driver().Connect(dead, OciHost::Soon()));
  ASSERT_TRUE(stream && late);
  host.Close();
  // What happens while no node is there: one sandbox works on, another one ends.
  ASSERT_GT(write(stream->get(), "cat\nhello\n", 10), 0);
  ASSERT_GT(write(late->get(), "kill -TERM 1\n", 13), 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  auto opened = host.Open();
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(host.StateOf(running), sandbox::State::kRunning);
  EXPECT_EQ(host.StateOf(paused), sandbox::State::kPaused);
  EXPECT_EQ(host.StateOf(stopped), sandbox::State::kStopped);
  EXPECT_EQ(host.StateOf(dead), sandbox::State::kFailed);
  ASSERT_TRUE(host.Await(host.driver().Resume(paused, OciHost::Soon())));
  ASSERT_TRUE(host.Await(host.driver().Start(stopped, OciHost::Soon())));
  EXPECT_EQ(host.Run(paused, "echo alive"), "alive\n");
  EXPECT_EQ(host.Run(stopped, "cat /root/file"), "kept\n");
  const std::string first = host.Run(running, "cat /proc/self/uid_map");
  EXPECT_NE(first, host.Run(host.Create(), "cat /proc/self/uid_map"));
}

}  // namespace
}  // namespace paddock::testing
