// Needs root and writable cgroup hierarchies; skipped aloud elsewhere.

#include "agent/cgroups.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/testing/test_agent.h"

namespace paddock::agent {
namespace {

namespace fs = std::filesystem;
using testing::Shell;

// A directory of the test's own in each hierarchy of version 1, as the node would hand them over.
class CgroupsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto name = "paddock-agent-test-" + std::to_string(getpid());
    for (const std::string controller : {"memory", "cpu", "cpuacct", "pids", "freezer"}) {
      const fs::path mounted = fs::path("/sys/fs/cgroup") / controller;
      std::error_code failed;
      // False without an error: a controller that is mounted together with this one came before.
      if (!fs::exists(mounted / "tasks") ||
          (!fs::create_directory(mounted / name, failed) && failed)) {
        GTEST_SKIP() << "no writable cgroup hierarchy " << mounted << ": not root, or cgroup v2";
      }
      directories_[controller] = fs::canonical(mounted / name);
    }
    std::string flag;
    std::map<fs::path, int> opened;
    for (const auto& [controller, directory] : directories_) {
      auto& fd = opened[directory];
      if (fd == 0) {
        fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      }
      ASSERT_GE(fd, 3);
      flag += (flag.empty() ? "" : ",") + controller + ":" + std::to_string(fd);
    }
    ServerConfig config;
    config.cgroups = Cgroups::Parse(flag).value();
    agent_.emplace(std::move(config));
    client_.emplace(agent_->Connect());
  }

  void TearDown() override {
    client_.reset();
    agent_.reset();
    for (const auto& [controller, directory] : directories_) {
      for (const auto* below : {"agent", "interactive", "jobs", ""}) {
        RemoveSoon(directory / below);
      }
      EXPECT_FALSE(fs::exists(directory)) << "left behind: " << directory;
    }
  }

  // What ended a moment ago may still be in it.
  static void RemoveSoon(const fs::path& directory) {
    for (int waits = 0; waits < 100 && rmdir(directory.c_str()) != 0 && errno == EBUSY; ++waits) {
      usleep(10'000);
    }
  }

  // The names of spawns that still have a directory anywhere.
  std::set<std::string> Spawns() {
    std::set<std::string> names;
    for (const auto& [controller, directory] : directories_) {
      for (const auto* group_class : {"interactive", "jobs"}) {
        for (const auto& entry : fs::directory_iterator(directory / group_class)) {
          if (entry.is_directory()) {
            names.insert(group_class + ("/" + entry.path().filename().string()));
          }
        }
      }
    }
    return names;
  }

  // Of all spawns nothing but the directories for the next one are left.
  void ExpectOnlyTheSpare() {
    for (int waits = 0; waits < 500 && Spawns().size() > 1; ++waits) {
      usleep(10'000);
    }
    EXPECT_LE(Spawns().size(), 1U);
  }

  testing::TemporaryDirectory files_;
  std::map<std::string, fs::path> directories_;
  std::optional<testing::TestAgent> agent_;
  std::optional<testing::TestClient> client_;
};

TEST_F(CgroupsTest, EveryExecHasACgroupOfItsOwnAndTheAgentAnother) {
  EXPECT_EQ(client_->hello().features, protocol::kFeatureExecCgroups);
  const auto answer = client_->Ask(Shell("grep -E ':(memory|cpu|freezer):' /proc/self/cgroup"));
  EXPECT_THAT(answer.data, ::testing::HasSubstr("/jobs/1\n"));
  EXPECT_THAT(answer.data, ::testing::ContainsRegex("cpu:[^\n]*/jobs\n"));
  std::ifstream own("/proc/" + std::to_string(agent_->pid()) + "/cgroup");
  const std::string text{std::istreambuf_iterator<char>(own), {}};
  EXPECT_THAT(text, ::testing::HasSubstr("/agent\n"));
}

TEST_F(CgroupsTest, TheFiguresCoverProcessesThatNobodyWaitedFor) {
  const auto marker = files_ / "done";
  auto request =
      Shell("(setsid sh -c 'head -c 50000000 /dev/zero | tail -c 49000000 > /dev/null; echo > " +
            marker + "' &); while ! [ -s " + marker + " ]; do sleep 0.01; done");
  const auto outcome = protocol::DecodeOutcome(client_->Ask(request).result.value()).value();
  EXPECT_GT(outcome.memory_peak.count, 45'000'000U);
  EXPECT_GT(outcome.cpu_time.count(), 5'000);
}

TEST_F(CgroupsTest, AForkBombIsKilledWholeAndItsCgroupGoes) {
  // Apart, because a shell that cannot fork ends.
  auto request = Shell("sh -c 'f() { f | f & }; f' & exec sleep 100");
  request.timeout = std::chrono::seconds(1);
  request.process_count_max = 100;
  const auto outcome = protocol::DecodeOutcome(client_->Ask(request).result.value()).value();
  EXPECT_TRUE(outcome.timed_out);
  ExpectOnlyTheSpare();
}

TEST_F(CgroupsTest, TheDirectoriesOfTheNextExecAreMadeAheadAndOnlyThose) {
  std::string own;
  for (int count = 0; count < 20; ++count) {
    own = client_->Ask(Shell("sed -n 's,.*:memory:.*/jobs/,jobs/,p' /proc/self/cgroup")).data;
    EXPECT_THAT(own, ::testing::MatchesRegex("jobs/[0-9]+\n"));
  }
  own.pop_back();
  auto spare = Spawns();
  for (int waits = 0; waits < 500 && (spare.size() != 1 || spare.contains(own)); ++waits) {
    usleep(10'000);
    spare = Spawns();
  }
  ASSERT_EQ(spare.size(), 1U);
  const auto answer = client_->Ask(Shell("grep -E ':memory:' /proc/self/cgroup"));
  EXPECT_THAT(answer.data, ::testing::HasSubstr("/" + *spare.begin() + "\n"));
  ExpectOnlyTheSpare();
}

TEST_F(CgroupsTest, AnExecsOwnMemoryLimitKillsItAlone) {
  auto request = Shell("head -c 60000000 /dev/zero | tail -c 59000000 | wc -c");
  request.memory_max = 20_MiB;
  const auto answer = client_->Ask(request);
  EXPECT_NE(answer.data, "59000000\n");
  EXPECT_EQ(client_->Ask(Shell("echo fine")).data, "fine\n");
}

}  // namespace
}  // namespace paddock::agent
