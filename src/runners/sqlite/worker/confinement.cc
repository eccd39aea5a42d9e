#include "runners/sqlite/worker/confinement.h"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include <fmt/format.h>

namespace paddock::runners::sqlite {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

// What a worker may hold beside its program: schemas, a run, its answer.
constexpr std::uint64_t kMemoryBytesMax = std::uint64_t{1} << 30U;

std::unexpected<Error> SystemFailure(std::string_view what, int number) {
  return Fail(Code::kInternal, fmt::format("{}: {}", what, strerrordesc_np(number)));
}

struct FilterReleaser {
  void operator()(void* filter) const noexcept { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, FilterReleaser>;

class FilterBuilder {
 public:
  FilterBuilder() : filter_(seccomp_init(SCMP_ACT_KILL_PROCESS)) { failed_ = filter_ == nullptr; }

  void Allow(int call) { Add(call, {}); }
  void Allow(int call, scmp_arg_cmp condition) { Add(call, {&condition, 1}); }
  void Allow(int call, scmp_arg_cmp one, scmp_arg_cmp other) {
    const std::array conditions{one, other};
    Add(call, conditions);
  }

  Result<void> Load() {
    if (failed_) {
      return Fail(Code::kInternal, "seccomp: the filter cannot be built");
    }
    const int status = seccomp_load(filter_.get());
    if (status != 0) {
      return SystemFailure("seccomp", -status);
    }
    return {};
  }

 private:
  void Add(int call, std::span<const scmp_arg_cmp> conditions) {
    failed_ = failed_ || seccomp_rule_add_array(filter_.get(), SCMP_ACT_ALLOW, call,
                                                static_cast<unsigned int>(conditions.size()),
                                                conditions.data()) != 0;
  }

  Filter filter_;
  bool failed_ = false;
};

scmp_arg_cmp Equals(unsigned int argument, std::uint64_t value) {
  return {.arg = argument, .op = SCMP_CMP_EQ, .datum_a = value, .datum_b = 0};
}

// Of the value only the bits of `mask` count.
scmp_arg_cmp Masked(unsigned int argument, std::uint64_t mask, std::uint64_t value) {
  return {.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};
}

Result<void> FilterCalls(int socket) {
  FilterBuilder filter;
  const auto descriptor = static_cast<std::uint64_t>(socket);
  for (const int call : {SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(recvfrom), SCMP_SYS(sendto),
                         SCMP_SYS(recvmsg), SCMP_SYS(sendmsg)}) {
    filter.Allow(call, Equals(0, descriptor));
  }
  // Memory that is nobody's file and can never be run.
  filter.Allow(SCMP_SYS(mmap), Masked(2, PROT_EXEC, 0), Masked(3, MAP_ANONYMOUS, MAP_ANONYMOUS));
  for (const int call : {SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(brk), SCMP_SYS(madvise),
                         SCMP_SYS(clock_gettime), SCMP_SYS(futex), SCMP_SYS(rt_sigreturn),
                         SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group)}) {
    filter.Allow(call);
  }
  return filter.Load();
}

Result<void> Limit(__rlimit_resource resource, std::uint64_t value) {
  const rlimit limit{.rlim_cur = value, .rlim_max = value};
  if (setrlimit(resource, &limit) != 0) {
    return SystemFailure("setrlimit", errno);
  }
  return {};
}

// The first number of statm: pages of all that is mapped, the program with its libraries too.
std::uint64_t MappedBytes() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "re"),
                                                             &std::fclose);
  std::array<char, 128> line{};
  if (file == nullptr ||
      std::fgets(line.data(), static_cast<int>(line.size()), file.get()) == nullptr) {
    return 0;
  }
  return std::strtoull(line.data(), nullptr, 10) *
         static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

Result<void> LimitResources() {
  const std::uint64_t memory = MappedBytes() + kMemoryBytesMax;
  for (const auto resource :
       {RLIMIT_CORE, RLIMIT_FSIZE, RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_MEMLOCK, RLIMIT_MSGQUEUE}) {
    if (auto limited = Limit(resource, 0); !limited) {
      return limited;
    }
  }
  return kSanitized ? Result<void>() : Limit(RLIMIT_AS, memory);
}

}  // namespace

Result<void> Confine(int socket) {
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return SystemFailure("prctl", errno);
  }
  if (auto limited = LimitResources(); !limited) {
    return limited;
  }
  const auto after = static_cast<unsigned int>(socket) + 1;
  if (close_range(after, ~0U, 0) != 0 ||
      (socket > 0 && close_range(0, static_cast<unsigned int>(socket) - 1, 0) != 0)) {
    return SystemFailure("close_range", errno);
  }
  return kSanitized ? Result<void>() : FilterCalls(socket);
}

}  // namespace paddock::runners::sqlite
