#include "doctor/host.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/unique_fd.h"
#include "base/units.h"
#include "doctor/idmap_probe.h"
#include "doctor/runtimes.h"

namespace paddock::doctor {
namespace {

constexpr Version kKernelMin{{5, 19, 0}};  // overlay on an idmapped lower layer
constexpr Bytes kDiskFreeMin = 8_GiB;      // the four shipped images and a class of sandboxes
constexpr const char* kCgroupRoot = "/sys/fs/cgroup";

Finding Good(std::string_view matter, std::string text) {
  return {
      .grade = Grade::kGood, .matter = std::string(matter), .text = std::move(text), .remedy = {}};
}

Finding Bad(Grade grade, std::string_view matter, std::string text, std::string remedy) {
  return {.grade = grade,
          .matter = std::string(matter),
          .text = std::move(text),
          .remedy = std::move(remedy)};
}

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> Words(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

// The command is always one of ours, never of a user.
std::string OutputOf(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(
      popen((command + " 2>/dev/null").c_str(), "re"), &pclose);
  std::string output;
  std::array<char, 1024> buffer{};
  while (pipe != nullptr && std::fgets(buffer.data(), buffer.size(), pipe.get()) != nullptr) {
    output += buffer.data();
  }
  return output;
}

Finding ExamineRoot() {
  if (geteuid() == 0) {
    return Good("root", "running as root");
  }
  return Bad(Grade::kFailure, "root", "not running as root",
             "run it with sudo: the node makes namespaces, mounts and cgroups");
}

Finding ExamineKernel() {
  utsname names{};
  uname(&names);
  const std::string release = names.release;
  const auto version = ParseVersion(fmt::format("Linux version {}", release));
  if (version && *version >= kKernelMin) {
    return Good("kernel", release);
  }
  return Bad(Grade::kFailure, "kernel", fmt::format("{} is older than 5.19", release),
             "install a newer kernel (Debian 12 has 6.1): apt-get install linux-image-amd64");
}

std::vector<std::string> MissingControllersV1() {
  std::vector<std::string> missing;
  for (const std::string name : {"cpu", "cpuacct", "memory", "pids", "freezer"}) {
    if (!std::filesystem::is_directory(std::filesystem::path(kCgroupRoot) / name)) {
      missing.push_back(name);
    }
  }
  return missing;
}

std::vector<std::string> MissingControllersV2() {
  const auto present = Words(ReadAll(std::filesystem::path(kCgroupRoot) / "cgroup.controllers"));
  std::vector<std::string> missing;
  for (const std::string name : {"cpu", "memory", "pids"}) {
    if (std::ranges::find(present, name) == present.end()) {
      missing.push_back(name);
    }
  }
  return missing;
}

Finding ExamineCgroups() {
  struct statfs info{};
  const bool is_mounted = statfs(kCgroupRoot, &info) == 0;
  const bool is_v2 = is_mounted && info.f_type == CGROUP2_SUPER_MAGIC;
  const bool is_hybrid =
      std::filesystem::exists(std::filesystem::path(kCgroupRoot) / "unified/cgroup.procs");
  const auto missing = is_v2 ? MissingControllersV2() : MissingControllersV1();
  const std::string_view v1 = is_hybrid ? "v1 hybrid" : "v1";
  const std::string mode(is_v2 ? "v2" : v1);
  if (missing.empty()) {
    return Good("cgroups", mode);
  }
  return Bad(Grade::kFailure, "cgroups",
             fmt::format("{}, without the controllers {}", mode, fmt::join(missing, ", ")),
             "boot with systemd.unified_cgroup_hierarchy=1, and with cgroup_enable=memory where "
             "memory is off");
}

std::vector<Finding> ExamineRuntimes() {
  std::vector<Finding> findings;
  bool has_one = false;
  for (const std::string name : {"crun", "runc", "runsc"}) {
    const std::string output = OutputOf(name + " --version");
    has_one = has_one || !output.empty();
    // gVisor is a choice, not a need.
    if (!output.empty() || name != "runsc") {
      findings.push_back(JudgeRuntime(name, output));
    }
  }
  if (!has_one) {
    findings.push_back(
        Bad(Grade::kFailure, "runtime", "no OCI runtime is installed", "apt-get install crun"));
  }
  return findings;
}

Finding ExamineUserNamespaces() {
  const auto words = Words(ReadAll("/proc/sys/user/max_user_namespaces"));
  if (words.empty()) {
    return Bad(Grade::kFailure, "user ns", "the kernel has no user namespaces",
               "use a kernel with CONFIG_USER_NS");
  }
  if (words.front() == "0") {
    return Bad(Grade::kFailure, "user ns", "switched off", "sysctl user.max_user_namespaces=10000");
  }
  return Good("user ns", fmt::format("up to {}", words.front()));
}

Finding ExamineLoopDevices() {
  const UniqueFd control(open("/dev/loop-control", O_RDWR | O_CLOEXEC));
  if (control) {
    return Good("loop devices", "/dev/loop-control can be opened");
  }
  return Bad(Grade::kFailure, "loop devices",
             fmt::format("/dev/loop-control: {}", std::generic_category().message(errno)),
             "modprobe loop (and, in a container, pass the device through)");
}

Finding ExamineFileSystem(const std::string& name) {
  const auto known = Words(ReadAll("/proc/filesystems"));
  if (std::ranges::find(known, name) != known.end()) {
    return Good(name, "known to the kernel");
  }
  // A module that is not loaded yet is not listed.
  const std::string modules = OutputOf("modinfo -n " + name);
  if (!modules.empty()) {
    return Good(name, "a module of the kernel");
  }
  return Bad(Grade::kFailure, name, "not known to the kernel", "modprobe " + name);
}

std::filesystem::path NearestExisting(std::filesystem::path path) {
  std::error_code ignored;
  while (!path.empty() && path != "/" && !std::filesystem::exists(path, ignored)) {
    path = path.parent_path();
  }
  return path.empty() ? std::filesystem::path("/") : path;
}

Finding ExamineIdmappedMounts(const std::filesystem::path& data_dir) {
  const auto directory = NearestExisting(data_dir);
  const auto tried = TryIdmappedMount(directory);
  if (tried) {
    return Good("idmap", fmt::format("works on {}", directory.native()));
  }
  return Bad(Grade::kFailure, "idmap",
             fmt::format("no idmapped mount on {}: {}", directory.native(), tried.error().message),
             "put --data-dir on ext4, xfs or btrfs");
}

Finding ExamineDisk(const std::filesystem::path& data_dir) {
  struct statvfs info{};
  const auto directory = NearestExisting(data_dir);
  if (statvfs(directory.c_str(), &info) != 0) {
    return Bad(Grade::kFailure, "disk", directory.native() + " cannot be looked at", "mount it");
  }
  const Bytes free{info.f_bavail * info.f_frsize};
  auto text = fmt::format("{} GiB free in {}", free.count >> 30U, directory.native());
  if (free >= kDiskFreeMin) {
    return Good("disk", std::move(text));
  }
  return Bad(Grade::kWarning, "disk", std::move(text),
             fmt::format("all images and a class need {} GiB", kDiskFreeMin.count >> 30U));
}

Finding ExamineCorePattern() {
  std::string pattern = ReadAll("/proc/sys/kernel/core_pattern");
  std::erase(pattern, '\n');
  if (!pattern.starts_with('|')) {
    return Good("core_pattern", fmt::format("'{}'", pattern));
  }
  return Bad(Grade::kWarning, "core_pattern",
             fmt::format("'{}': a crash in a sandbox starts a program of the host", pattern),
             "sysctl kernel.core_pattern=core, unless you need that program");
}

Finding ExamineMmdebstrap() {
  const std::string output = OutputOf("mmdebstrap --version");
  if (!output.empty()) {
    return Good("mmdebstrap", output.substr(0, output.find('\n')));
  }
  return Bad(Grade::kWarning, "mmdebstrap", "not installed: no image can be built",
             "apt-get install mmdebstrap");
}

Finding ExamineKvm() {
  const UniqueFd device(open("/dev/kvm", O_RDWR | O_CLOEXEC));
  if (device) {
    return Good("KVM", "/dev/kvm can be opened");
  }
  return Bad(Grade::kWarning, "KVM", "no /dev/kvm",
             "only tests need it (a guest with another cgroup mode): enable virtualisation");
}

}  // namespace

std::vector<Finding> Examine(const std::filesystem::path& data_dir) {
  std::vector<Finding> findings{ExamineRoot(), ExamineKernel(), ExamineCgroups()};
  std::ranges::move(ExamineRuntimes(), std::back_inserter(findings));
  findings.push_back(ExamineUserNamespaces());
  findings.push_back(ExamineLoopDevices());
  findings.push_back(ExamineFileSystem("overlay"));
  findings.push_back(ExamineFileSystem("ext4"));
  findings.push_back(ExamineIdmappedMounts(data_dir));
  findings.push_back(ExamineDisk(data_dir));
  findings.push_back(ExamineCorePattern());
  findings.push_back(ExamineMmdebstrap());
  findings.push_back(ExamineKvm());
  return findings;
}

}  // namespace paddock::doctor
