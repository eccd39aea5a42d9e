#include "doctor/idmap_probe.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "base/unique_fd.h"

namespace paddock::doctor {
namespace {

constexpr std::string_view kIdMap = "0 100000 65536\n";  // any range that is not the host's own

std::unexpected<Error> FailStep(std::string_view step) {
  return Fail(Code::kUnavailable,
              fmt::format("{}: {}", step, std::generic_category().message(errno)));
}

// A process that does nothing but hold a user namespace, until it is dropped.
class NamespaceHolder {
 public:
  NamespaceHolder() {
    std::array<int, 2> ready{};
    if (pipe2(ready.data(), O_CLOEXEC) != 0) {
      return;
    }
    const UniqueFd reading(ready[0]);
    UniqueFd writing(ready[1]);
    pid_ = fork();
    if (pid_ == 0) {
      const char done = unshare(CLONE_NEWUSER) == 0 ? 'y' : 'n';
      (void)!write(writing.get(), &done, 1);
      pause();
      _exit(0);
    }
    writing.Reset();
    char done = 'n';
    is_ready_ = pid_ > 0 && read(reading.get(), &done, 1) == 1 && done == 'y';
  }
  NamespaceHolder(const NamespaceHolder&) = delete;
  NamespaceHolder& operator=(const NamespaceHolder&) = delete;
  ~NamespaceHolder() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }

  [[nodiscard]] bool is_ready() const noexcept { return is_ready_; }

  [[nodiscard]] bool WriteMaps() const {
    for (const std::string_view file : {"uid_map", "gid_map"}) {
      std::ofstream map(fmt::format("/proc/{}/{}", pid_, file));
      map << kIdMap << std::flush;
      if (!map) {
        return false;
      }
    }
    return true;
  }

  [[nodiscard]] UniqueFd Open() const {
    return UniqueFd(open(fmt::format("/proc/{}/ns/user", pid_).c_str(), O_RDONLY | O_CLOEXEC));
  }

 private:
  pid_t pid_ = -1;
  bool is_ready_ = false;
};

}  // namespace

Result<void> TryIdmappedMount(const std::filesystem::path& directory) {
  const NamespaceHolder holder;
  if (!holder.is_ready()) {
    return Fail(Code::kUnavailable, "no user namespace can be made");
  }
  if (!holder.WriteMaps()) {
    return FailStep("write the id maps");
  }
  const UniqueFd user_namespace = holder.Open();
  if (!user_namespace) {
    return FailStep("open the user namespace");
  }
  const UniqueFd tree(static_cast<int>(
      syscall(SYS_open_tree, AT_FDCWD, directory.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)));
  if (!tree) {
    return FailStep("open_tree");
  }
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_IDMAP;
  attributes.userns_fd = static_cast<__u64>(user_namespace.get());
  if (syscall(SYS_mount_setattr, tree.get(), "", AT_EMPTY_PATH, &attributes, sizeof attributes) !=
      0) {
    return FailStep("mount_setattr");
  }
  return {};
}

}  // namespace paddock::doctor
