#include "drivers/oci/seccomp_profile.h"

#include <sched.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <string_view>

#include <boost/json/array.hpp>

namespace paddock::drivers::oci {
namespace json = boost::json;

namespace {

// Grouped by what they are for. Deliberately absent: mount and its relatives, setns, pivot_root,
// chroot's friends open_by_handle_at and name_to_handle_at, bpf, perf_event_open, userfaultfd,
// io_uring_*, keyctl and its relatives, kexec_*, *_module, modify_ldt, quotactl, reboot, swapon,
// acct, syslog, settimeofday and its relatives, fanotify_init, vhangup, iopl, ioperm,
// lookup_dcookie, and io_setup with its relatives, whose contexts all sandboxes would have to
// share.
// clang-format off: one name per line would be 300 lines.
constexpr auto kAllowed = std::to_array<std::string_view>({
    // Files.
    "access", "chdir", "chmod", "chown", "chroot", "close", "close_range", "copy_file_range",
    "creat", "dup", "dup2", "dup3", "faccessat", "faccessat2", "fadvise64", "fallocate", "fchdir",
    "fchmod", "fchmodat", "fchmodat2", "fchown", "fchownat", "fcntl", "fdatasync", "fgetxattr",
    "flistxattr", "flock", "fremovexattr", "fsetxattr", "fstat", "fstatfs", "fsync", "ftruncate",
    "futimesat", "getcwd", "getdents", "getdents64", "getxattr", "inotify_add_watch",
    "inotify_init", "inotify_init1", "inotify_rm_watch", "lchown", "lgetxattr", "link", "linkat",
    "listxattr", "llistxattr", "lremovexattr", "lseek", "lsetxattr", "lstat", "mkdir", "mkdirat",
    "mknod", "mknodat", "newfstatat", "open", "openat", "openat2", "pipe", "pipe2", "pread64",
    "preadv", "preadv2", "pwrite64", "pwritev", "pwritev2", "read", "readahead", "readlink",
    "readlinkat", "readv", "removexattr", "rename", "renameat", "renameat2", "rmdir", "sendfile",
    "setxattr", "splice", "stat", "statfs", "statx", "symlink", "symlinkat", "sync",
    "sync_file_range", "syncfs", "tee", "truncate", "umask", "unlink", "unlinkat", "utime",
    "utimensat", "utimes", "vmsplice", "write", "writev",
    // Memory.
    "brk", "get_mempolicy", "madvise", "mbind", "membarrier", "memfd_create", "mincore", "mlock",
    "mlock2", "mlockall", "mmap", "mprotect", "mremap", "msync", "munlock", "munlockall", "munmap",
    "pkey_alloc", "pkey_free", "pkey_mprotect", "process_madvise", "process_mrelease",
    "remap_file_pages", "set_mempolicy", "shmat", "shmctl", "shmdt", "shmget",
    // Processes and threads.
    "alarm", "arch_prctl", "capget", "capset", "execve", "execveat", "exit", "exit_group", "fork",
    "futex", "futex_requeue", "futex_wait", "futex_waitv", "futex_wake", "get_robust_list",
    "get_thread_area", "getcpu", "getegid", "geteuid", "getgid", "getgroups", "getitimer",
    "getpgid", "getpgrp", "getpid", "getppid", "getpriority", "getrandom", "getresgid", "getresuid",
    "getrlimit", "getrusage", "getsid", "gettid", "getuid", "ioprio_get", "kcmp",
    "kill", "landlock_add_rule", "landlock_create_ruleset", "landlock_restrict_self", "nanosleep",
    "clock_nanosleep", "pause", "pidfd_getfd", "pidfd_open", "pidfd_send_signal", "prctl",
    "process_vm_readv", "process_vm_writev", "ptrace", "restart_syscall", "rseq",
    "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn",
    "rt_sigsuspend", "rt_sigtimedwait", "rt_tgsigqueueinfo", "sched_get_priority_max",
    "sched_get_priority_min", "sched_getaffinity", "sched_getattr", "sched_getparam",
    "sched_getscheduler", "sched_rr_get_interval", "sched_yield", "seccomp", "set_robust_list",
    "set_thread_area", "set_tid_address", "setfsgid", "setfsuid", "setgid", "setgroups",
    "setitimer", "setpgid", "setregid", "setresgid", "setresuid", "setreuid",
    "setrlimit", "setsid", "setuid", "sigaltstack", "signalfd", "signalfd4", "tgkill", "time",
    "times", "tkill", "vfork", "wait4", "waitid",
    // Time, waiting, and what a process may know of its machine.
    "clock_adjtime", "clock_getres", "clock_gettime", "adjtimex", "epoll_create", "epoll_create1",
    "epoll_ctl", "epoll_ctl_old", "epoll_pwait", "epoll_pwait2", "epoll_wait", "epoll_wait_old",
    "eventfd", "eventfd2", "gettimeofday", "poll", "ppoll", "pselect6", "select", "sysinfo",
    "timer_create", "timer_delete", "timer_getoverrun", "timer_gettime", "timer_settime",
    "timerfd_create", "timerfd_gettime", "timerfd_settime", "uname",
    // Talking to each other, and sockets once they exist.
    "accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt", "listen",
    "mq_getsetattr", "mq_notify", "mq_open", "mq_timedreceive", "mq_timedsend", "mq_unlink",
    "msgctl", "msgget", "msgrcv", "msgsnd", "recvfrom", "recvmmsg", "recvmsg", "semctl", "semget",
    "semop", "semtimedop", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown",
});
// clang-format on

constexpr std::uint64_t kNamespaceFlags = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                          CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                                          CLONE_NEWNET;
constexpr std::uint64_t kNewTimeFlag = 0x80;    // CLONE_NEWTIME: for clone the low byte is a signal
constexpr std::uint64_t kSocketTypeMask = 0xf;  // without SOCK_CLOEXEC and SOCK_NONBLOCK

constexpr std::uint64_t kIntMask = 0xffff'ffff;
constexpr std::uint64_t kIoPriorityProcess = 1;
constexpr std::uint64_t kIoPriorityGroup = 2;

// Pushing characters into a terminal, and changing what kind of terminal it is.
constexpr std::uint32_t kTiocsti = 0x5412;
constexpr std::uint32_t kTioclinux = 0x541c;
constexpr std::uint32_t kTiocsetd = 0x5423;

json::object Condition(int index, std::uint64_t value) {
  return {{"index", index}, {"value", value}, {"op", "SCMP_CMP_EQ"}};
}

json::object MaskedCondition(int index, std::uint64_t mask, std::uint64_t value) {
  return {{"index", index}, {"value", mask}, {"valueTwo", value}, {"op", "SCMP_CMP_MASKED_EQ"}};
}

json::object AllowIf(std::string_view call, json::array conditions) {
  return {{"names", json::array{call}}, {"action", "SCMP_ACT_ALLOW"}, {"args", conditions}};
}

json::object Refuse(std::string_view call, int error_number) {
  return {{"names", json::array{call}}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", error_number}};
}

void AddNamespaces(json::array& rules) {
  rules.push_back(AllowIf("clone", {MaskedCondition(0, kNamespaceFlags, 0)}));
  rules.push_back(AllowIf("unshare", {MaskedCondition(0, kNamespaceFlags | kNewTimeFlag, 0)}));
  rules.push_back(Refuse("clone3", ENOSYS));
}

void AddSockets(json::array& rules) {
  rules.push_back(AllowIf("socket", {Condition(0, AF_UNIX)}));
  rules.push_back(AllowIf("socketpair", {Condition(0, AF_UNIX)}));
  for (const int family : {AF_INET, AF_INET6}) {
    for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
      const auto family_value = static_cast<std::uint64_t>(family);
      rules.push_back(AllowIf(
          "socket", {Condition(0, family_value),
                     MaskedCondition(1, kSocketTypeMask, static_cast<std::uint64_t>(type))}));
    }
  }
  constexpr std::uint64_t kNetlinkRoute = 0;  // what getaddrinfo() and `ip` ask
  rules.push_back(AllowIf("socket", {Condition(0, AF_NETLINK), Condition(2, kNetlinkRoute)}));
}

void AddPersonalities(json::array& rules) {
  // Plain Linux, 32-bit uname, without address randomization (gdb), and "which is it?".
  for (const std::uint64_t value : {0x0ULL, 0x8ULL, 0x40000ULL, 0xffffffffULL}) {
    rules.push_back(AllowIf("personality", {Condition(0, value)}));
  }
}

// The agent, process 1, has the user of a learner who is root, so the kernel would let its limits
// and its place among the others be changed: without descriptors or processor time it ends, and the
// machine with it. Numbers of processes are 32 bits wide, whatever else is in the register.
constexpr std::array<std::uint32_t, 1> kAgentPid{1};

void AddCallsOnProcesses(json::array& rules) {
  constexpr auto kCalls = std::to_array<std::string_view>(
      {"prlimit64", "sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler"});
  for (const std::string_view call : kCalls) {
    for (const auto& [mask, value] : AllBut(kAgentPid)) {
      rules.push_back(AllowIf(call, {MaskedCondition(0, mask, value)}));
    }
  }
}

// Their first argument says whether the second one names a process or a group of processes; all
// processes of a user, the agent among them, are never allowed.
void AddPriorities(json::array& rules) {
  const auto allow = [&rules](std::string_view call, std::uint64_t kind) {
    for (const auto& [mask, value] : AllBut(kAgentPid)) {
      rules.push_back(
          AllowIf(call, {MaskedCondition(0, kIntMask, kind), MaskedCondition(1, mask, value)}));
    }
  };
  for (const std::uint64_t kind : {PRIO_PROCESS, PRIO_PGRP}) {
    allow("setpriority", kind);
  }
  for (const std::uint64_t kind : {kIoPriorityProcess, kIoPriorityGroup}) {
    allow("ioprio_set", kind);
  }
}

void AddIoctl(json::array& rules) {
  constexpr std::array kRefused{kTiocsti, kTioclinux, kTiocsetd};
  for (const auto& [mask, value] : AllBut(kRefused)) {
    rules.push_back(AllowIf("ioctl", {MaskedCondition(1, mask, value)}));
  }
}

}  // namespace

std::vector<std::pair<std::uint32_t, std::uint32_t>> AllBut(
    std::span<const std::uint32_t> excluded) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
  // A walk down the binary tree of all numbers: wherever a branch holds no excluded one, it is
  // taken whole; otherwise both of its halves are looked at.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> open{{0U, 0U}};
  while (!open.empty()) {
    const auto [mask, value] = open.back();
    open.pop_back();
    const bool is_free = std::ranges::none_of(
        excluded, [mask, value](std::uint32_t number) { return (number & mask) == value; });
    if (is_free) {
      pairs.emplace_back(mask, value);
    } else if (mask != ~0U) {
      const std::uint32_t next = mask == 0 ? 1U << 31U : (mask >> 1U) & ~mask;
      open.emplace_back(mask | next, value);
      open.emplace_back(mask | next, value | next);
    }
  }
  return pairs;
}

json::object SeccompProfile() {
  json::array names;
  for (const std::string_view name : kAllowed) {
    names.push_back(json::value(name));
  }
  json::array rules;
  rules.push_back(json::object{{"names", names}, {"action", "SCMP_ACT_ALLOW"}});
  AddNamespaces(rules);
  AddSockets(rules);
  AddPersonalities(rules);
  AddCallsOnProcesses(rules);
  AddPriorities(rules);
  AddIoctl(rules);
  return {{"defaultAction", "SCMP_ACT_ERRNO"},
          {"defaultErrnoRet", EPERM},
          {"architectures", json::array{"SCMP_ARCH_X86_64"}},
          {"syscalls", rules}};
}

json::object SeccompRefusingAll() {
  return {{"defaultAction", "SCMP_ACT_ERRNO"}, {"syscalls", json::array{}}};
}

}  // namespace paddock::drivers::oci
