// OciConfig: the config.json that an OCI runtime is given for one sandbox.
//
// The root is already mounted (launch.h) and the cgroups already exist (cgroups.h), so what is left
// for the runtime is namespaces, the small mounts, capabilities and seccomp.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/units.h"

namespace paddock::drivers::oci {

struct OciConfig {
  std::string root;  // on the host, mounted
  std::string host_name;
  std::string agent_path;          // on the host; mounted read-only at kAgentPathInside
  std::string sqlite_helper_path;  // likewise, at kSqliteHelperInside; "" for none
  std::vector<std::string> argv;   // of PID 1
  std::map<std::string, std::string> env;
  std::string cwd = "/";
  std::string user_namespace;  // its path on the host; the sandbox joins it
  std::uint32_t id_first = 0;  // uid and gid 0 inside; 64 Ki ids follow
  Bytes shared_memory;         // size of /dev/shm, charged to the sandbox's memory
  std::string cgroup_path;     // of the sandbox, below each hierarchy's root

  // The compiled seccomp profile, or "". In the profile's place there is then one that refuses
  // everything: a runtime that does not know of the compiled one must not start a sandbox without.
  std::string seccomp_filter;
};

inline constexpr std::uint32_t kIdCountPerSandbox = 65'536;
inline constexpr const char* kAgentPathInside = "/.paddock/agent";
// The agent looks for it beside itself, by this name.
inline constexpr const char* kSqliteHelperInside = "/.paddock/paddock-sqlite";

[[nodiscard]] std::string FormatConfig(const OciConfig& config);

}  // namespace paddock::drivers::oci
