#include "agent/children.h"

#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "base/check.h"

namespace paddock::agent {

namespace {

std::chrono::microseconds ToMicroseconds(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

// Process 1 of a sandbox must not be told to stop by what runs in it. The kernel gives a sender
// outside the pid namespace the number 0; another code could be a number that the sender made up.
bool MayCommand(const signalfd_siginfo& info) {
  return getpid() != 1 || (info.ssi_code == SI_USER && info.ssi_pid == 0);
}

}  // namespace

ExitStatus MakeExitStatus(int wait_status, const rusage& usage) {
  ExitStatus status;
  status.signaled = WIFSIGNALED(wait_status);
  status.value = status.signaled ? WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
  status.cpu_time = ToMicroseconds(usage.ru_utime) + ToMicroseconds(usage.ru_stime);
  status.memory_peak_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) << 10U;  // from KiB
  return status;
}

Children::Children(Loop& loop, std::function<void(int signal)> on_signal)
    : on_signal_(std::move(on_signal)) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&set, signal);
  }
  PADDOCK_CHECK(sigprocmask(SIG_BLOCK, &set, nullptr) == 0);
  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  PADDOCK_CHECK(sigaction(SIGPIPE, &ignore, nullptr) == 0);
  signals_.Reset(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  PADDOCK_CHECK(signals_);
  watch_ = loop.Add(signals_.get(), EPOLLIN, [this](std::uint32_t) { OnReadable(); });
}

void Children::Expect(pid_t pid, ExitHandler handler) { handlers_[pid] = std::move(handler); }

void Children::Forget(pid_t pid) {
  const auto found = handlers_.find(pid);
  if (found != handlers_.end()) {
    found->second = nullptr;
  }
}

void Children::OnReadable() {
  signalfd_siginfo info{};
  bool reap = false;
  while (read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    if (info.ssi_signo == SIGCHLD) {
      reap = true;
    } else if (MayCommand(info)) {
      on_signal_(static_cast<int>(info.ssi_signo));
    }
  }
  if (reap) {
    ReapAll();
  }
}

void Children::ReapAll() {
  int wait_status = 0;
  rusage usage{};
  for (pid_t pid = 0; (pid = wait4(-1, &wait_status, WNOHANG, &usage)) > 0;) {
    const auto found = handlers_.find(pid);
    if (found != handlers_.end()) {
      const auto handler = std::move(found->second);
      handlers_.erase(found);
      if (handler) {
        handler(MakeExitStatus(wait_status, usage));
      }
    }
  }
}

}  // namespace paddock::agent
