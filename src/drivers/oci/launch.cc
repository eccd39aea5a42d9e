#include "drivers/oci/launch.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <linux/mount.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/argument_vector.h"

namespace paddock::drivers::oci {
namespace {

constexpr int kExitNotLaunched = 126;
constexpr int kLoopAttemptsMax = 128;  // others may take the free device that we were told of
constexpr int kLoopMajor = 7;
constexpr int kPassedFdFirst = 3;
constexpr int kFdParkedFirst = 64;  // out of the way of 3, 4, …
constexpr rlim_t kOpenFilesMax = 65'536;
constexpr std::uint32_t kIdCount = 65'536;
constexpr unsigned long kPlainMount = 0x2 | 0x4 | 0x400;  // nosuid, nodev, noatime: <linux/mount.h>
                                                          // and <sys/mount.h> cannot be combined
constexpr unsigned long kMountPrivate = 0x4000UL | (1UL << 18U);  // recursive
constexpr int kDetach = 2;
constexpr unsigned long kBind = 0x1000;
constexpr int kSameId = -1;  // of setresuid
constexpr std::size_t kStackAlignment = 16;
constexpr std::size_t kPauseStackSize = std::size_t{16} * 1024;

// glibc's <sys/mount.h> of Debian 12 clashes with <linux/mount.h>, which alone has mount_attr.
long MountSystemCall(const char* source,
                     const char* target,
                     const char* type,
                     unsigned long options,
                     const char* data) noexcept {
  return syscall(SYS_mount, source, target, type, options, data);
}

bool WriteAll(const char* path, std::string_view text) noexcept {
  const UniqueFd file(open(path, O_WRONLY | O_CLOEXEC));
  return file && write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// Writes "0 FIRST 65536" to a map of the process `pid`.
bool WriteIdMap(pid_t pid, const char* map, std::uint32_t first) noexcept {
  std::array<char, 64> path{};
  fmt::format_to_n(path.data(), path.size() - 1, "/proc/{}/{}", pid, map);
  std::array<char, 64> line{};
  char* const end = fmt::format_to_n(line.data(), line.size(), "0 {} {}", first, kIdCount).out;
  return WriteAll(path.data(), {line.data(), static_cast<std::size_t>(end - line.data())});
}

// It must end with the launch, should that be killed, and hold none of its descriptors: among them
// are the node's locks.
int PauseForever(void* launch) {
  close_range(0, ~0U, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() == *static_cast<const pid_t*>(launch)) {
    for (;;) {
      pause();
    }
  }
  return 0;
}

// A user namespace exists only around a process, so a short-lived one is made for it. It shares
// this one's memory: a copy, made and thrown away, would cost more than all the rest.
UniqueFd MakeUserNamespace(std::uint32_t id_first) noexcept {
  alignas(kStackAlignment) std::array<std::byte, kPauseStackSize> stack{};
  pid_t launch = getpid();
  // What the kernel counts per user (inotify instances, watches, ...) it counts for the user who
  // made the namespace, all along the way up. Made by root, all sandboxes would share root's few.
  // The system call itself, and with these bits, changes this thread's effective id alone.
  const int bits = prctl(PR_GET_SECUREBITS);
  const bool is_changed = bits >= 0 &&
                          prctl(PR_SET_SECUREBITS, bits | SECBIT_NO_SETUID_FIXUP) == 0 &&
                          syscall(SYS_setresuid, kSameId, id_first, kSameId) == 0;
  const int pid = is_changed ? clone(PauseForever, stack.data() + stack.size(),
                                     CLONE_NEWUSER | CLONE_VM | SIGCHLD, &launch)
                             : -1;
  int failure = errno;
  const bool is_back =
      syscall(SYS_setresuid, kSameId, 0, kSameId) == 0 && prctl(PR_SET_SECUREBITS, bits) == 0;
  if (pid < 0) {
    errno = failure;
    return UniqueFd();
  }
  UniqueFd names;
  if (is_back && WriteIdMap(pid, "uid_map", id_first) && WriteIdMap(pid, "gid_map", id_first)) {
    std::array<char, 64> path{};
    fmt::format_to_n(path.data(), path.size() - 1, "/proc/{}/ns/user", pid);
    names.Reset(open(path.data(), O_RDONLY | O_CLOEXEC));
  }
  failure = errno;
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  errno = failure;
  return names;
}

// Opens /dev/loopN, making the node where no device manager does.
UniqueFd OpenLoop(int number, char* path, std::size_t path_size) noexcept {
  *fmt::format_to_n(path, path_size - 1, "/dev/loop{}", number).out = '\0';
  UniqueFd device(open(path, O_RDWR | O_CLOEXEC));
  if (!device && errno == ENOENT) {
    mknod(path, S_IFBLK | 0600, makedev(kLoopMajor, static_cast<unsigned>(number)));
    device.Reset(open(path, O_RDWR | O_CLOEXEC));
  }
  return device;
}

// Binds `image` to a free loop device that lets go of it by itself when its last user is gone.
UniqueFd AttachLoop(const char* image, char* path, std::size_t path_size) noexcept {
  const UniqueFd file(open(image, O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  const UniqueFd control(open("/dev/loop-control", O_RDWR | O_CLOEXEC));
  if (!file || !control) {
    return UniqueFd();
  }
  loop_config config{};
  config.fd = static_cast<std::uint32_t>(file.get());
  config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
  for (int attempt = 0; attempt < kLoopAttemptsMax; ++attempt) {
    const int number = ioctl(control.get(), LOOP_CTL_GET_FREE);
    if (number < 0) {
      return UniqueFd();
    }
    UniqueFd device = OpenLoop(number, path, path_size);
    if (device && ioctl(device.get(), LOOP_CONFIGURE, &config) == 0) {
      return device;
    }
    if (errno != EBUSY && errno != ENXIO) {
      return UniqueFd();
    }
  }
  errno = EBUSY;
  return UniqueFd();
}

}  // namespace

std::string RootUnder(const std::string& mount_point) { return mount_point + "/root"; }

std::string UserNamespaceUnder(const std::string& mount_point) { return mount_point + "/user"; }

Result<Launch> Launch::Prepare(LaunchPlan plan) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    return Fail(Code::kExhausted, fmt::format("pipe: {}", strerrordesc_np(errno)));
  }
  return Launch(std::move(plan), UniqueFd(ends[0]), UniqueFd(ends[1]));
}

Launch::Launch(LaunchPlan plan, UniqueFd read_end, UniqueFd write_end)
    : plan_(std::move(plan)),
      lower_(plan_.mount_point + "/lower"),
      upper_(plan_.mount_point + "/upper"),
      upper_data_(upper_ + "/data"),
      upper_work_(upper_ + "/work"),
      root_(RootUnder(plan_.mount_point)),
      user_(UserNamespaceUnder(plan_.mount_point)),
      log_(upper_ + "/" + plan_.log_name),
      overlay_options_(
          fmt::format("lowerdir={},upperdir={},workdir={}", lower_, upper_data_, upper_work_)),
      argv_(PointersTo(plan_.argv)),
      env_(PointersTo(plan_.env)),
      failure_read_(std::move(read_end)),
      failure_write_(std::move(write_end)) {}

int Launch::Run() noexcept {
  // A session of its own, so that Ctrl-C at the node's terminal does not reach the sandbox.
  setsid();
  umask(022);
  if (LimitResources() && Mount() && EnterGroups() && ArrangeDescriptors()) {
    execve(argv_[0], argv_.data(), env_.data());
    Check(false, "start the runtime");
  }
  return kExitNotLaunched;
}

// Set here, because the runtime sets them where it may no longer raise any.
bool Launch::LimitResources() noexcept {
  const rlimit no_core{.rlim_cur = 0, .rlim_max = 0};
  rlimit open_files{};
  if (!Check(getrlimit(RLIMIT_NOFILE, &open_files) == 0, "read the limit of open files")) {
    return false;
  }
  // Not every root may raise it, and nothing in a sandbox needs more than the node itself has.
  open_files.rlim_max = std::min(open_files.rlim_max, kOpenFilesMax);
  open_files.rlim_cur = open_files.rlim_max;
  return Check(setrlimit(RLIMIT_CORE, &no_core) == 0 && setrlimit(RLIMIT_NOFILE, &open_files) == 0,
               "set resource limits");
}

bool Launch::Mount() noexcept {
  return Check(unshare(CLONE_NEWNS) == 0, "make a mount namespace") &&
         Check(MountSystemCall(nullptr, "/", nullptr, kMountPrivate, nullptr) == 0,
               "make mounts private") &&
         Check(MountSystemCall("none", plan_.mount_point.c_str(), "tmpfs", kPlainMount,
                               "mode=0755,size=64k,nr_inodes=16") == 0,
               "mount the scaffold") &&
         Check(mkdir(lower_.c_str(), 0755) == 0 && mkdir(upper_.c_str(), 0755) == 0 &&
                   mkdir(root_.c_str(), 0755) == 0,
               "make the mount points") &&
         MountUserNamespace() && MountUpperImage() && MountOverlay();
}

// The namespace gets a name that the runtime can be told, and maps the image's ids.
bool Launch::MountUserNamespace() noexcept {
  const UniqueFd names = MakeUserNamespace(plan_.id_first);
  if (!Check(static_cast<bool>(names), "make a user namespace")) {
    return false;
  }
  const UniqueFd file(open(user_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  std::array<char, 64> path{};
  fmt::format_to_n(path.data(), path.size() - 1, "/proc/self/fd/{}", names.get());
  return Check(file && MountSystemCall(path.data(), user_.c_str(), nullptr, kBind, nullptr) == 0,
               "name the user namespace") &&
         MountImageRoot(names.get());
}

bool Launch::MountImageRoot(int names) noexcept {
  const UniqueFd tree(static_cast<int>(syscall(SYS_open_tree, AT_FDCWD, plan_.image_root.c_str(),
                                               OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)));
  if (!Check(static_cast<bool>(tree), "open the image's root")) {
    return false;
  }
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_IDMAP | MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  attributes.userns_fd = static_cast<__u64>(names);
  return Check(syscall(SYS_mount_setattr, tree.get(), "", AT_EMPTY_PATH, &attributes,
                       sizeof attributes) == 0,
               "map the ids of the image's root") &&
         Check(syscall(SYS_move_mount, tree.get(), "", AT_FDCWD, lower_.c_str(),
                       MOVE_MOUNT_F_EMPTY_PATH) == 0,
               "mount the image's root");
}

bool Launch::MountUpperImage() noexcept {
  std::array<char, 32> device_path{};
  const UniqueFd device =
      AttachLoop(plan_.upper_image.c_str(), device_path.data(), device_path.size());
  if (!Check(static_cast<bool>(device), "attach the disk to a loop device") ||
      !Check(MountSystemCall(device_path.data(), upper_.c_str(), "ext4", kPlainMount,
                             "noinit_itable,nobarrier,errors=remount-ro") == 0,
             "mount the disk")) {
    return false;
  }
  if (mkdir(upper_work_.c_str(), 0700) != 0 && errno != EEXIST) {
    return Check(false, "make the work directory");
  }
  if (mkdir(upper_data_.c_str(), 0755) != 0) {
    return Check(errno == EEXIST, "make the upper directory");
  }
  return Check(chown(upper_data_.c_str(), plan_.id_first, plan_.id_first) == 0,
               "give the upper directory to the sandbox");
}

bool Launch::MountOverlay() noexcept {
  if (!Check(MountSystemCall("overlay", root_.c_str(), "overlay", kPlainMount,
                             overlay_options_.c_str()) == 0,
             "mount the overlay")) {
    return false;
  }
  const UniqueFd input(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const UniqueFd log(
      open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  // The layers stay mounted until the runtime takes the sandbox's root away from all that is not
  // below it: to unmount them here would wait for all processors, twice.
  return Check(input && log, "open the log") &&
         Check(dup2(input.get(), STDIN_FILENO) == STDIN_FILENO &&
                   dup2(log.get(), STDOUT_FILENO) == STDOUT_FILENO &&
                   dup2(log.get(), STDERR_FILENO) == STDERR_FILENO,
               "arrange standard output");
}

bool Launch::EnterGroups() noexcept {
  if (!plan_.hidden_mount.empty() &&
      !Check(syscall(SYS_umount2, plan_.hidden_mount.c_str(), kDetach) == 0,
             "hide the unified cgroup hierarchy")) {
    return false;
  }
  for (const int group : plan_.group_fds) {
    if (!Check(write(group, "0", 1) == 1, "enter the cgroup")) {
      return false;
    }
  }
  return true;
}

bool Launch::ArrangeDescriptors() noexcept {
  // First out of each other's way, then to their places.
  for (int& passed : plan_.passed_fds) {
    passed = fcntl(passed, F_DUPFD_CLOEXEC, kFdParkedFirst);
    if (!Check(passed >= 0, "pass a descriptor")) {
      return false;
    }
  }
  const int report = fcntl(failure_write_.get(), F_DUPFD_CLOEXEC, kFdParkedFirst);
  if (!Check(report >= 0, "keep the failure pipe")) {
    return false;
  }
  int place = kPassedFdFirst;
  for (const int passed : plan_.passed_fds) {
    if (!Check(dup2(passed, place) == place, "place a descriptor")) {
      return false;
    }
    ++place;
  }
  // `place` is the first descriptor that the runtime must not see; the pipe moves there.
  if (report != place && !Check(dup3(report, place, O_CLOEXEC) == place, "place the pipe")) {
    return false;
  }
  [[maybe_unused]] const int old = failure_write_.Release();
  failure_write_.Reset(place);
  close_range(static_cast<unsigned>(place) + 1, ~0U, 0);
  return true;
}

bool Launch::Check(bool succeeded, const char* step) noexcept {
  if (!succeeded) {
    const char* reason = strerrordesc_np(errno);
    std::array<char, 256> text{};
    char* const end = fmt::format_to_n(text.data(), text.size(), "{}: {}", step,
                                       reason == nullptr ? "unknown error" : reason)
                          .out;
    [[maybe_unused]] const auto written =
        write(failure_write_.get(), text.data(), static_cast<std::size_t>(end - text.data()));
  }
  return succeeded;
}

std::string Launch::ReadFailure() {
  std::array<char, 256> text{};
  const ssize_t count = read(failure_read_.get(), text.data(), text.size());
  return count > 0 ? std::string(text.data(), static_cast<std::size_t>(count)) : std::string();
}

}  // namespace paddock::drivers::oci
