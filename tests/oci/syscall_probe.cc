// Tries what a sandbox must refuse and prints one line per try: "NAME ERRNO-NAME" or "NAME
// allowed". Runs inside the test image, statically linked.
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

void Report(const char* name, long outcome) {
  const int failure = errno;
  std::printf("%s %s\n", name, outcome < 0 ? strerrorname_np(failure) : "allowed");
}

void TryNamespaces() {
  Report("unshare-user", unshare(CLONE_NEWUSER));
  Report("unshare-mount", unshare(CLONE_NEWNS));
  Report("unshare-time", unshare(0x80));
  Report("unshare-files", unshare(CLONE_FILES));
  const long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, 0);
  if (child == 0) {
    _exit(0);
  }
  Report("clone-user", child);
  std::uint64_t arguments[11] = {CLONE_NEWUSER};
  Report("clone3", syscall(SYS_clone3, arguments, sizeof arguments));
  Report("setns", syscall(SYS_setns, 0, 0));
}

void TryMounts() {
  Report("mount", mount("none", "/tmp", "tmpfs", 0, nullptr));
  Report("bind-mount", mount("/etc", "/tmp", nullptr, MS_BIND, nullptr));
  Report("open_tree", syscall(SYS_open_tree, AT_FDCWD, "/", 1));
  Report("fsopen", syscall(SYS_fsopen, "tmpfs", 0));
  Report("pivot_root", syscall(SYS_pivot_root, "/tmp", "/tmp"));
  Report("mknod-disk", mknod("/tmp/disk", S_IFBLK | 0600, 254 << 8));
  Report("open_by_handle_at", syscall(SYS_open_by_handle_at, 0, nullptr, 0));
}

void TryKernel() {
  Report("bpf", syscall(SYS_bpf, 0, nullptr, 0));
  Report("perf_event_open", syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0));
  Report("userfaultfd", syscall(SYS_userfaultfd, 0));
  Report("io_uring_setup", syscall(SYS_io_uring_setup, 1, nullptr));
  Report("keyctl", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0));
  Report("add_key", syscall(SYS_add_key, "user", "x", "y", 1, KEY_SPEC_PROCESS_KEYRING));
  Report("request_key", syscall(SYS_request_key, "user", "x", nullptr, 0));
  Report("kexec_load", syscall(SYS_kexec_load, 0, 0, nullptr, 0));
  Report("init_module", syscall(SYS_init_module, nullptr, 0, ""));
  Report("modify_ldt", syscall(SYS_modify_ldt, 0, nullptr, 0));
  Report("personality-read-implies-exec", personality(0x0400000));
  Report("personality-plain", personality(0));
  Report("sethostname", syscall(SYS_sethostname, "x", 1));
  Report("settimeofday", syscall(SYS_settimeofday, nullptr, nullptr));
  Report("reboot", syscall(SYS_reboot, 0, 0, 0, nullptr));
}

void TrySockets() {
  Report("socket-inet", socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  Report("socket-inet6-udp", socket(AF_INET6, SOCK_DGRAM, 0));
  Report("socket-unix", socket(AF_UNIX, SOCK_SEQPACKET, 0));
  Report("socket-netlink-route", socket(AF_NETLINK, SOCK_RAW, 0));
  Report("socket-netlink-netfilter", socket(AF_NETLINK, SOCK_RAW, 12));
  Report("socket-raw", socket(AF_INET, SOCK_RAW, 1));
  Report("socket-packet", socket(17, SOCK_RAW, 0));
  Report("socket-vsock", socket(40, SOCK_STREAM, 0));
  Report("socket-alg", socket(38, SOCK_SEQPACKET, 0));
  Report("socket-bluetooth", socket(31, SOCK_RAW, 0));
}

// With the high half set too: the kernel drops it, so a filter must not look at it.
void TryTerminals() {
  char character = 'x';
  Report("tiocsti", syscall(SYS_ioctl, 0, 0x5412UL, &character));
  Report("tiocsti-high", syscall(SYS_ioctl, 0, 0x100005412UL, &character));
  Report("tioclinux", syscall(SYS_ioctl, 0, 0x541cUL, &character));
  Report("tiocsetd", syscall(SYS_ioctl, 0, 0x5423UL, &character));
  int available = 0;
  Report("fionread", syscall(SYS_ioctl, 0, 0x541bUL, &available));
}

// What may be changed of oneself but not of process 1, which has the same user.
void TryAgent() {
  constexpr pid_t kAgent = 1;
  // The high half is dropped by the kernel, so a filter must not look at it.
  constexpr long kAgentHigh = 0x100000001;
  constexpr int kOrdinary = 0;
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  sched_param plain{};
  unsigned attributes[12] = {48};
  rlimit none{};
  Report("prlimit-agent", syscall(SYS_prlimit64, kAgent, RLIMIT_NOFILE, &none, nullptr));
  Report("setpriority-agent", syscall(SYS_setpriority, PRIO_PROCESS, kAgent, 19));
  Report("setpriority-agent-high", syscall(SYS_setpriority, PRIO_PROCESS, kAgentHigh, 19));
  Report("setpriority-agent-group", syscall(SYS_setpriority, PRIO_PGRP, kAgent, 19));
  Report("setpriority-user", syscall(SYS_setpriority, PRIO_USER, 0, 19));
  Report("sched_setscheduler-agent", syscall(SYS_sched_setscheduler, kAgent, 5, &plain));
  Report("sched_setparam-agent", syscall(SYS_sched_setparam, kAgentHigh, &plain));
  Report("sched_setattr-agent", syscall(SYS_sched_setattr, kAgent, attributes, 0));
  Report("sched_setaffinity-agent", syscall(SYS_sched_setaffinity, kAgent, sizeof first, &first));
  Report("ioprio_set-agent", syscall(SYS_ioprio_set, 1, kAgent, 3 << 13));
  Report("ioprio_set-agent-group", syscall(SYS_ioprio_set, 2, kAgent, 3 << 13));
  Report("ioprio_set-user", syscall(SYS_ioprio_set, 3, 0, 3 << 13));
  Report("setpriority-self", syscall(SYS_setpriority, PRIO_PROCESS, 0, 19));
  Report("setpriority-own-group", syscall(SYS_setpriority, PRIO_PGRP, 0, 19));
  Report("sched_setscheduler-self", syscall(SYS_sched_setscheduler, getpid(), kOrdinary, &plain));
  Report("sched_setaffinity-self", syscall(SYS_sched_setaffinity, 0, sizeof first, &first));
  Report("ioprio_set-self", syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 4));
  aio_context_t context{};
  Report("io_setup", syscall(SYS_io_setup, 8, &context));
}

// Takes as many as there are, says how many, and keeps them for a while.
int Hoard(const char* what) {
  constexpr int kEnough = 1000;
  int count = 0;
  while (count < kEnough) {
    const int fd = strcmp(what, "inotify") == 0 ? inotify_init1(0) : open("/dev/ptmx", O_RDWR);
    if (fd < 0) {
      break;
    }
    ++count;
  }
  std::printf("%d\n", count);
  sleep(3);
  return 0;
}

// Each in a child, because it is killed for it.
void TryForeignCalls() {
  const auto report_death = [](const char* name, pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    std::printf("%s %s\n", name, WIFSIGNALED(status) ? "killed" : "allowed");
  };
  pid_t child = fork();
  if (child == 0) {
    long outcome = 20;  // getpid of the 32-bit interface
    __asm__ volatile("int $0x80" : "+a"(outcome) : : "memory");
    _exit(0);
  }
  report_death("i386", child);
  child = fork();
  if (child == 0) {
    syscall(0x40000000 | 39);  // getpid of the x32 interface
    _exit(errno == ENOSYS || errno == EPERM ? 0 : 1);
  }
  report_death("x32", child);
}

}  // namespace

int main(int argc, char** argv) {
  setvbuf(stdout, nullptr, _IOLBF, 0);
  if (argc > 1) {
    return Hoard(argv[1]);
  }
  TryAgent();
  TryNamespaces();
  TryMounts();
  TryKernel();
  TrySockets();
  TryTerminals();
  TryForeignCalls();
}
