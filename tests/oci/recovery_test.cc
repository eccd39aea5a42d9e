// A node that is killed at any point leaves a state that the next one puts right.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
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
  const SandboxId id = host.Create();
  EXPECT_EQ(host.Run(id, "echo alive"), "alive\n");
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
      return state.process_count == 0 && state.loop_device_count == 0 && state.socket_count == 0;
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
