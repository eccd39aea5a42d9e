// HostState: what sandboxes could leave behind on the host, counted, to compare before and after.
#pragma once

#include <filesystem>
#include <string>

namespace paddock::testing {

struct HostState {
  int process_count = 0;
  int mount_count = 0;
  int loop_device_count = 0;  // bound ones
  int cgroup_count = 0;
  int socket_count = 0;      // unix sockets with a name below the directory
  int file_count = 0;        // below the directory
  int descriptor_count = 0;  // of this process
  friend bool operator==(const HostState&, const HostState&) = default;
};

/// `directory` is where the driver under test keeps all its files; `cgroup_root` its group.
[[nodiscard]] HostState ReadHostState(const std::filesystem::path& directory,
                                      const std::string& cgroup_root);

[[nodiscard]] std::string Describe(const HostState& state);

}  // namespace paddock::testing
