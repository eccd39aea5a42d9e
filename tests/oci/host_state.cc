#include "host_state.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include <fmt/format.h>

namespace paddock::testing {
namespace fs = std::filesystem;

namespace {

int CountBelow(const fs::path& root, bool directories_only) {
  int count = 0;
  std::error_code ignored;
  for (fs::recursive_directory_iterator at(root, ignored), end; at != end; at.increment(ignored)) {
    count += (!directories_only || at->is_directory(ignored)) ? 1 : 0;
  }
  return count;
}

int CountLines(const char* path, const std::string& needle) {
  std::ifstream file(path);
  std::string line;
  int count = 0;
  while (std::getline(file, line)) {
    count += line.find(needle) != std::string::npos ? 1 : 0;
  }
  return count;
}

int CountProcessesOf(const std::string& cgroup_root) {
  int count = 0;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const auto name = entry.path().filename().string();
    if (std::ranges::all_of(name, [](char digit) { return digit >= '0' && digit <= '9'; })) {
      count += CountLines((entry.path() / "cgroup").c_str(), "/" + cgroup_root + "/") > 0 ? 1 : 0;
    }
  }
  return count;
}

int CountLoops(const fs::path& directory) {
  int count = 0;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/sys/block", ignored)) {
    count += CountLines((entry.path() / "loop/backing_file").c_str(), directory.string());
  }
  return count;
}

}  // namespace

HostState ReadHostState(const fs::path& directory, const std::string& cgroup_root) {
  HostState state;
  state.process_count = CountProcessesOf(cgroup_root);
  state.mount_count = CountLines("/proc/self/mountinfo", "");
  state.loop_device_count = CountLoops(directory);
  state.cgroup_count = CountBelow("/sys/fs/cgroup/" + cgroup_root, true);
  std::error_code ignored;
  for (const auto& hierarchy : fs::directory_iterator("/sys/fs/cgroup", ignored)) {
    state.cgroup_count += CountBelow(hierarchy.path() / cgroup_root, true);
  }
  state.socket_count = CountLines("/proc/net/unix", directory.string());
  state.file_count = CountBelow(directory / "data", false) + CountBelow(directory / "run", false);
  state.descriptor_count = CountBelow("/proc/self/fd", false);
  return state;
}

std::string Describe(const HostState& state) {
  return fmt::format(
      "processes {}, mounts {}, loop devices {}, cgroups {}, sockets {}, files {}, descriptors {}",
      state.process_count, state.mount_count, state.loop_device_count, state.cgroup_count,
      state.socket_count, state.file_count, state.descriptor_count);
}

}  // namespace paddock::testing
