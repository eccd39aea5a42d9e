// What a sandbox must refuse, and that its ceilings hold, on each real runtime.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "base/unique_fd.h"
#include "oci_host.h"
#include "sandbox/testing/descriptor_refusal.h"

namespace paddock::testing {
namespace {

class Isolation : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    host_ = std::make_unique<OciHost>(GetParam());
    if (const std::string missing = host_->missing(); !missing.empty()) {
      GTEST_SKIP() << missing;
    }
  }
  std::unique_ptr<OciHost> host_;
};

// Name of the try, and what it must answer.
std::map<std::string, std::string> Answers(const std::string& output) {
  std::map<std::string, std::string> answers;
  std::istringstream lines(output);
  std::string name;
  std::string answer;
  while (lines >> name >> answer) {
    answers[name] = answer;
  }
  return answers;
}

TEST_P(Isolation, SystemCallsThatReachTheKernelsDepthsAreRefused) {
  const SandboxId id = host_->Create();
  const auto answers = Answers(host_->Run(id, "syscall_probe"));
  for (const char* name : {"unshare-user",
                           "unshare-mount",
                           "unshare-time",
                           "clone-user",
                           "setns",
                           "mount",
                           "bind-mount",
                           "open_tree",
                           "fsopen",
                           "pivot_root",
                           "mknod-disk",
                           "open_by_handle_at",
                           "bpf",
                           "perf_event_open",
                           "userfaultfd",
                           "io_uring_setup",
                           "keyctl",
                           "add_key",
                           "request_key",
                           "kexec_load",
                           "init_module",
                           "modify_ldt",
                           "personality-read-implies-exec",
                           "sethostname",
                           "settimeofday",
                           "reboot",
                           "socket-netlink-netfilter",
                           "socket-raw",
                           "socket-packet",
                           "socket-vsock",
                           "socket-alg",
                           "socket-bluetooth",
                           "tiocsti",
                           "tiocsti-high",
                           "tioclinux",
                           "tiocsetd",
                           "prlimit-agent",
                           "setpriority-agent",
                           "setpriority-agent-high",
                           "setpriority-agent-group",
                           "setpriority-user",
                           "sched_setscheduler-agent",
                           "sched_setparam-agent",
                           "sched_setattr-agent",
                           "sched_setaffinity-agent",
                           "ioprio_set-agent",
                           "ioprio_set-agent-group",
                           "ioprio_set-user",
                           "io_setup"}) {
    ASSERT_TRUE(answers.contains(name)) << name;
    EXPECT_EQ(answers.at(name), "EPERM") << name;
  }
  EXPECT_EQ(answers.at("clone3"), "ENOSYS");
  EXPECT_EQ(answers.at("i386"), "killed");
  EXPECT_EQ(answers.at("x32"), "killed");
}

TEST_P(Isolation, SystemCallsThatProgramsNeedAreAllowed) {
  const SandboxId id = host_->Create();
  const auto answers = Answers(host_->Run(id, "syscall_probe"));
  for (const char* name :
       {"unshare-files", "personality-plain", "socket-inet", "socket-inet6-udp", "socket-unix",
        "socket-netlink-route", "setpriority-self", "setpriority-own-group",
        "sched_setscheduler-self", "sched_setaffinity-self", "ioprio_set-self"}) {
    ASSERT_TRUE(answers.contains(name)) << name;
    EXPECT_EQ(answers.at(name), "allowed") << name;
  }
  // The command asked a socket for its waiting bytes: the call got through the filter.
  EXPECT_NE(answers.at("fionread"), "EPERM");
}

TEST_P(Isolation, RootOfASandboxHasTheDocumentedCapabilitiesAndNoMore) {
  const SandboxId id = host_->Create();
  const std::string status = host_->Run(id, "cat /proc/self/status");
  // CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID NET_BIND_SERVICE
  EXPECT_NE(status.find("CapBnd:\t00000000000004fb"), std::string::npos) << status;
  EXPECT_NE(status.find("CapEff:\t00000000000004fb"), std::string::npos) << status;
  EXPECT_NE(status.find("NoNewPrivs:\t1"), std::string::npos) << status;
  EXPECT_NE(status.find("Seccomp:\t2"), std::string::npos) << status;
  const std::string owner = host_->Run(id, "id; touch /x && chown 1000 /x && ls -n /x");
  EXPECT_NE(owner.find("uid=0"), std::string::npos) << owner;
  EXPECT_NE(owner.find("1000"), std::string::npos) << owner;
}

TEST_P(Isolation, ProcIsMaskedAndItsSettingsAreReadOnly) {
  const SandboxId id = host_->Create();
  EXPECT_EQ(host_->Run(id, "wc -c < /proc/keys; wc -c < /proc/kallsyms; wc -c </proc/timer_list"),
            "0\n0\n0\n");
  const std::string written = host_->Run(
      id, "echo x > /proc/sys/kernel/core_pattern; echo b > /proc/sysrq-trigger; ls /sys");
  EXPECT_NE(written.find("core_pattern"), std::string::npos) << written;
  EXPECT_NE(written.find("sysrq-trigger"), std::string::npos) << written;
  EXPECT_EQ(host_->Run(id, "ls /sys"), "");
}

TEST_P(Isolation, NothingOfTheHostIsOpenOrNamedInside) {
  const SandboxId id = host_->Create();
  EXPECT_EQ(host_->Run(id, "ls /proc/self/fd | grep -v -E '^[0123]$'"), "");
  const std::string env = host_->Run(id, "env");
  EXPECT_NE(env.find("COURSE=sql-1"), std::string::npos) << env;
  EXPECT_NE(env.find("FROM_IMAGE=yes"), std::string::npos) << env;
  EXPECT_EQ(env.find("SUDO"), std::string::npos) << env;
  EXPECT_EQ(host_
                ->Run(id,
                      "ls /.paddock; touch /.paddock/agent; rm -f /.paddock/agent; "
                      "ls /.paddock 2>&1")
                .find("agent"),
            0U);
  const std::string network = host_->Run(id, "ifconfig -a | grep -c Link; ifconfig lo | grep UP");
  EXPECT_EQ(network.find("1\n"), 0U) << network;
  EXPECT_NE(network.find("UP LOOPBACK"), std::string::npos) << network;
}

TEST_P(Isolation, TheHelperForSqliteLiesBesideTheAgentAndCannotBeReplaced) {
  const SandboxId id = host_->Create();
  const std::string program = "/.paddock/paddock-sqlite";
  EXPECT_EQ(host_->Run(id, "test -x " + program + " && echo there"), "there\n");
  EXPECT_EQ(host_->Run(id, "(echo x >> " + program + "; rm -f " + program +
                               ") 2> /dev/null; test -s " + program + " && echo still there"),
            "still there\n");
}

TEST_P(Isolation, TwoSandboxesShareNoIds) {
  const SandboxId first = host_->Create();
  const SandboxId second = host_->Create();
  const std::string one = host_->Run(first, "cat /proc/self/uid_map");
  const std::string other = host_->Run(second, "cat /proc/self/uid_map");
  EXPECT_NE(one.find("65536"), std::string::npos) << one;
  EXPECT_NE(one, other);
}

TEST_P(Isolation, ASandboxSeesItselfAtTheRootOfEveryControlGroup) {
  const SandboxId id = host_->Create();
  const std::string groups = host_->Run(id, "cat /proc/self/cgroup /proc/1/cgroup");
  EXPECT_NE(groups.find(":/\n"), std::string::npos) << groups;
  EXPECT_EQ(groups.find(host_->config().cgroup_root), std::string::npos) << groups;
  EXPECT_EQ(groups.find(id.value()), std::string::npos) << groups;
}

TEST_P(Isolation, TheCeilingOfProcessorTimeIsInForceOnceASandboxRuns) {
  sandbox::Limits limits;
  limits.cpu = MilliCpu{250};
  const SandboxId id = host_->Create(limits);
  const std::string group = host_->GroupOf(id, "cpu");
  const bool is_v1 = std::filesystem::exists(group + "/cpu.cfs_quota_us");
  std::ifstream file(group + (is_v1 ? "/cpu.cfs_quota_us" : "/cpu.max"));
  int quota = 0;
  file >> quota;
  EXPECT_EQ(quota, 25'000) << group;
  std::ifstream members(group + "/cgroup.procs");
  int member = 0;
  EXPECT_TRUE(members >> member) << "the first process is not in " << group;
}

// The kernel counts these per user or for the whole host.
TEST_P(Isolation, WhatOneSandboxHoardsItsNeighbourStillHas) {
  const SandboxId hoarder = host_->Create();
  const SandboxId neighbour = host_->Create();
  host_->Run(hoarder,
             "syscall_probe inotify > /tmp/inotify 2>&1 & "
             "syscall_probe ptmx > /tmp/ptmx 2>&1 & sleep 0.5");
  std::istringstream taken(host_->Run(hoarder, "cat /tmp/inotify /tmp/ptmx"));
  int inotify_count = 0;
  int terminal_count = 0;
  taken >> inotify_count >> terminal_count;
  EXPECT_GT(inotify_count, 0);
  EXPECT_GT(terminal_count, 0);
  EXPECT_LE(terminal_count, 64);
  std::istringstream left(host_->Run(neighbour,
                                     "syscall_probe inotify > /tmp/a & syscall_probe ptmx > /tmp/b "
                                     "& sleep 0.5; cat /tmp/a /tmp/b"));
  int inotify_left = 0;
  int terminals_left = 0;
  left >> inotify_left >> terminals_left;
  EXPECT_EQ(inotify_left, inotify_count);
  EXPECT_EQ(terminals_left, terminal_count);
}

TEST_P(Isolation, AnImageThatNeedsMoreThanItGetsIsRefusedAndTheLimitNamed) {
  sandbox::Limits limits;
  limits.process_count_max = 32;
  const sandbox::Spec spec{.id = NewId<SandboxId>(),
                           .owner = NewId<UserId>(),
                           .image = "demanding",
                           .limits = limits,
                           .env = {},
                           .network = sandbox::Network::kNone};
  auto info = host_->Await(host_->driver().Create(spec, OciHost::Soon()));
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, Code::kInvalid);
  EXPECT_NE(info.error().message.find("pids_max"), std::string::npos) << info.error().message;
}

TEST_P(Isolation, WhatOneSandboxWritesAnotherDoesNotSee) {
  const SandboxId first = host_->Create();
  host_->Run(first, "echo bean > /tmp/bean; echo bean > /dev/shm/bean; echo bean > /bin/bean");
  const SandboxId second = host_->Create();
  EXPECT_EQ(host_->Run(second, "ls /tmp /dev/shm; ls /bin | grep bean"), "/dev/shm:\n\n/tmp:\n");
}

TEST_P(Isolation, AForkBombMeetsItsCeilingAndCanBeDestroyed) {
  sandbox::Limits limits;
  limits.process_count_max = 32;
  const SandboxId id = host_->Create(limits);
  const SandboxId neighbour = host_->Create();
  const std::string output = host_->Run(
      id, "i=0; while [ $i -lt 60 ]; do sleep 30 <&- >&- 2>&- & i=$((i+1)); done 2>&1; echo end");
  EXPECT_NE(output.find("fork"), std::string::npos) << output;
  auto usage = host_->Await(host_->driver().Stats(id, OciHost::Soon()));
  ASSERT_TRUE(usage);
  EXPECT_LE(usage->process_count, 32);
  EXPECT_EQ(host_->Run(neighbour, "echo alive"), "alive\n");
  const auto start = std::chrono::steady_clock::now();
  host_->Destroy(id);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST_P(Isolation, RunningOutOfMemoryKillsInsideTheSandboxOnly) {
  sandbox::Limits limits;
  limits.memory = 64_MiB;
  const SandboxId id = host_->Create(limits);
  const SandboxId neighbour = host_->Create();
  const std::string output =
      host_->Run(id, "sh -c 'dd if=/dev/zero of=/dev/null bs=200M count=1'; echo status $?");
  EXPECT_EQ(output.find("status 0"), std::string::npos) << output;
  EXPECT_NE(output.find("status"), std::string::npos) << output;
  EXPECT_EQ(host_->Run(id, "echo alive"), "alive\n");
  EXPECT_EQ(host_->Run(neighbour, "echo alive"), "alive\n");
  auto usage = host_->Await(host_->driver().Stats(id, OciHost::Soon()));
  ASSERT_TRUE(usage);
  EXPECT_LE(usage->memory_peak, limits.memory);
}

TEST_P(Isolation, NoSandboxIsMadeOnAHostWhoseDiskIsNearlyFull) {
  const std::string data = host_->config().data_dir;
  host_->Close();
  // A small disk of the host's own, with all but 1 % of it taken.
  ASSERT_EQ(mount("none", data.c_str(), "tmpfs", 0, "size=400m"), 0);
  ASSERT_TRUE(host_->Open());
  const SandboxId before = host_->Create();
  {
    const int filler = open((data + "/filler").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    struct statfs status{};
    statfs(data.c_str(), &status);
    const auto free = static_cast<off_t>(status.f_bavail) * status.f_bsize;
    EXPECT_EQ(posix_fallocate(filler, 0, free - off_t{4} * 1024 * 1024), 0);
    close(filler);
  }
  const sandbox::Spec spec{.id = NewId<SandboxId>(),
                           .owner = NewId<UserId>(),
                           .image = "test",
                           .limits = {},
                           .env = {},
                           .network = sandbox::Network::kNone};
  auto info = host_->Await(host_->driver().Create(spec, OciHost::Soon()));
  EXPECT_TRUE(!info && info.error().code == Code::kDiskFull);
  EXPECT_EQ(host_->Run(before, "echo alive"), "alive\n");
  host_->Destroy(before);
  host_->Settle([](const HostState& state) { return state.loop_device_count == 0; });
  host_->Close();
  EXPECT_EQ(umount2(data.c_str(), MNT_DETACH), 0);
}

TEST_P(Isolation, AFullDiskSaysSoAndTheSandboxGoesOn) {
  sandbox::Limits limits;
  limits.disk = 16_MiB;
  const SandboxId id = host_->Create(limits);
  const std::string output =
      host_->Run(id, "dd if=/dev/zero of=/big bs=1M count=64 2>&1; echo end");
  EXPECT_NE(output.find("No space left"), std::string::npos) << output;
  EXPECT_EQ(host_->Run(id, "rm /big && echo alive"), "alive\n");
}

TEST_P(Isolation, TooManyFilesSaySoAndTheSandboxGoesOn) {
  sandbox::Limits limits;
  limits.inode_count_max = 1024;
  const SandboxId id = host_->Create(limits);
  const std::string output = host_->Run(
      id,
      "mkdir /many; i=0; while [ $i -lt 1500 ]; do : > /many/$i || break; i=$((i+1)); done; "
      "echo made $i");
  EXPECT_NE(output.find("No space left"), std::string::npos) << output;
  EXPECT_EQ(host_->Run(id, "rm -r /many && echo alive"), "alive\n");
}

TEST_P(Isolation, AStoppedSandboxKeepsItsFilesAndForgetsItsProcesses) {
  const SandboxId id = host_->Create();
  host_->Run(id, "echo kept > /root/file; setsid sleep 1000 > /dev/null 2>&1 &");
  ASSERT_TRUE(host_->Await(host_->driver().Stop(id, OciHost::Soon())));
  ASSERT_TRUE(host_->Await(host_->driver().Start(id, OciHost::Soon())));
  EXPECT_EQ(host_->Run(id, "cat /root/file; ps | grep -c '[s]leep 1000'"), "kept\n0\n");
}

TEST_P(Isolation, ASandboxEndsWithItsLifetime) {
  sandbox::Limits limits;
  limits.lifetime_max = std::chrono::seconds(1);
  const SandboxId id = host_->Create(limits);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (host_->StateOf(id) != sandbox::State::kDestroyed &&
         std::chrono::steady_clock::now() < give_up) {
    host_->Wait(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(host_->StateOf(id), sandbox::State::kDestroyed);
}

TEST_P(Isolation, ASandboxWhoseFirstProcessEndsHasFailedAndCanStartAgain) {
  const SandboxId id = host_->Create();
  host_->Run(id, "kill -TERM 1");
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (host_->StateOf(id) != sandbox::State::kFailed &&
         std::chrono::steady_clock::now() < give_up) {
    host_->Wait(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(host_->StateOf(id), sandbox::State::kFailed);
  auto log = host_->Await(host_->driver().Logs(id, OciHost::Soon()));
  EXPECT_EQ(log.value_or(""), "probe agent started\n");
  ASSERT_TRUE(host_->Await(host_->driver().Start(id, OciHost::Soon())));
  EXPECT_EQ(host_->Run(id, "echo alive"), "alive\n");
}

// Whoever read them would have to close them, which can take as long as the sandbox likes.
TEST_P(Isolation, DescriptorsThatASandboxSendsOverItsAgentsStreamAreRefused) {
  const UniqueFd any(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!sandbox::testing::RefuseDescriptors(any.get())) {
    GTEST_SKIP() << "needs a kernel that can refuse descriptors (Linux 6.16)";
  }
  const SandboxId id = host_->Create();
  auto answers = Answers(host_->Run(id, "descriptor_probe"));
  EXPECT_EQ(answers["own"], "sent");
  EXPECT_EQ(answers["stream"], "EPERM");
}

INSTANTIATE_TEST_SUITE_P(Oci,
                         Isolation,
                         ::testing::Values("crun", "runc"),
                         [](const auto& parameter) { return parameter.param; });

}  // namespace
}  // namespace paddock::testing
