// paddock-agent: PID 1 of a sandbox. See server.h for what it does and flags.h for how to start it.

#include <fcntl.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <span>

#include "agent/flags.h"
#include "agent/server.h"
#include "agent/sockets.h"

namespace {

using namespace paddock;         // NOLINT(google-build-using-namespace): this is the program
using namespace paddock::agent;  // NOLINT(google-build-using-namespace)

constexpr int kUsageExitCode = 64;
constexpr int kTrimBytes = 128 << 10;

int Complain(const Error& error, int exit_code) {
  (void)std::fprintf(stderr, "paddock-agent: %s\n", error.message.c_str());
  return exit_code;
}

// Descriptors 0, 1 and 2 must exist, or the next one opened would become a child's standard input.
void OpenStandardStreams() {
  int fd = open("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO) {
    fd = dup(fd);
  }
  if (fd > STDERR_FILENO) {
    (void)close(fd);
  }
}

// The learner may be of the agent's own uid: nobody reads its memory, its descriptors or its
// environment in /proc, nobody traces it. Whatever runs below it stays below it.
void Protect() {
  (void)prctl(PR_SET_DUMPABLE, 0);
  (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
  const rlimit no_core{.rlim_cur = 0, .rlim_max = 0};
  (void)setrlimit(RLIMIT_CORE, &no_core);
}

// Idle agents are many: give freed memory back early, and keep large buffers out of the heap.
void SaveMemory() {
  (void)mallopt(M_ARENA_MAX, 1);
  (void)mallopt(M_TRIM_THRESHOLD, kTrimBytes);
  (void)mallopt(M_MMAP_THRESHOLD, 4 * kTrimBytes);
}

std::vector<std::string> ReadEnvironment() {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    environment.emplace_back(*entry);
  }
  return environment;
}

Result<ServerConfig> MakeConfig(const Flags& flags) {
  ServerConfig config;
  if (flags.listen_fd) {
    if (fcntl(*flags.listen_fd, F_SETFD, FD_CLOEXEC) != 0 ||
        fcntl(*flags.listen_fd, F_SETFL, O_NONBLOCK) != 0) {
      return Fail(Code::kInvalid, "--listen-fd: no such descriptor");
    }
    config.listener.Reset(*flags.listen_fd);
    config.has_direct_forwards = true;
  } else {
    auto listener = ListenAt(flags.listen_path);
    if (!listener) {
      return Fail(std::move(listener).error());
    }
    config.listener = *std::move(listener);
  }
  if (!flags.cgroup_fds.empty()) {
    auto cgroups = Cgroups::Parse(flags.cgroup_fds);
    if (!cgroups) {
      return Fail(std::move(cgroups).error());
    }
    config.cgroups = *std::move(cgroups);
    auto prepared = config.cgroups->Prepare();
    if (!prepared) {
      return Fail(std::move(prepared).error());
    }
  }
  config.environment = ReadEnvironment();
  config.boot_path = flags.boot_path;
  return config;
}

}  // namespace

int main(int argc, char** argv) {
  const auto flags = ParseFlags(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  if (!flags) {
    return Complain(flags.error(), kUsageExitCode);
  }
  if (flags->connect) {
    const auto relayed = RelayStandardStreams(flags->listen_path);
    return relayed ? 0 : Complain(relayed.error(), 1);
  }
  Protect();
  SaveMemory();
  OpenStandardStreams();
  auto config = MakeConfig(*flags);
  if (!config) {
    return Complain(config.error(), 1);
  }
  Server server(*std::move(config));
  server.Run();
  return 0;
}
