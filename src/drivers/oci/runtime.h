// Runtime: which OCI runtime program is used, and how it wants to be called.
//
// Threading: loop thread for Find; the rest is pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "drivers/oci/cgroups.h"
#include "drivers/oci/launch.h"

namespace paddock::drivers::oci {

enum class RuntimeKind { kCrun, kRunc, kRunsc };

/// "crun", "runc", "runsc".
[[nodiscard]] std::string_view Name(RuntimeKind kind) noexcept;
[[nodiscard]] std::optional<RuntimeKind> RuntimeKindCalled(std::string_view name) noexcept;

struct Runtime {
  RuntimeKind kind = RuntimeKind::kCrun;
  std::string program;  // absolute path
  std::string version;  // "crun 1.8.1"

  // What `program` compiles the seccomp profile to, if it takes that in the profile's place: the
  // work is ten milliseconds at each start otherwise.
  std::string seccomp_filter;

  /// Whether a sandbox can take over descriptors of the host: its agent's socket and its cgroups.
  /// gVisor's kernel has files of its own; see agent_exec.h.
  [[nodiscard]] bool passes_descriptors() const noexcept { return kind != RuntimeKind::kRunsc; }

  /// Whether it takes a user namespace that exists. gVisor's has many threads and cannot, but needs
  /// less of the host: its sandboxes' inotify watches and the like are its own.
  [[nodiscard]] bool joins_namespaces() const noexcept { return kind != RuntimeKind::kRunsc; }
};

/// Those of FindRuntimes, without asking them for their versions.
[[nodiscard]] std::vector<Runtime> InstalledRuntimes(const std::string& name);

/// The runtimes to try, best first: the one called `name`, or all that are installed. Fails with
/// kInvalid (unknown name) or kUnavailable (none installed).
[[nodiscard]] aio::Task<Result<std::vector<Runtime>>> FindRuntimes(std::string name,
                                                                   Deadline deadline);

/// Where a runtime finds and leaves things; absolute paths.
struct RuntimeFiles {
  std::string state_directory;   // its own notes, one directory per sandbox
  std::string bundle_directory;  // with config.json; takes runtime.log and pid
};

/// How `runtime` is called for one of its other commands; the command's own words follow.
[[nodiscard]] std::vector<std::string> RuntimeCommand(const Runtime& runtime,
                                                      const RuntimeFiles& files);

/// Fills in how `runtime` is called to start `name`, detached, with `passed_count` descriptors.
void PlanRuntime(const Runtime& runtime,
                 const RuntimeFiles& files,
                 const std::string& name,
                 const Cgroups& cgroups,
                 LaunchPlan& plan);

/// What the running sandbox's seccomp profile was compiled to; "" when the runtime does not tell,
/// or does not take it instead of a profile.
[[nodiscard]] std::string ReadSeccompFilter(const Runtime& runtime,
                                            const RuntimeFiles& files,
                                            const std::string& name);

/// What the runtime has written to its log in the bundle, at most 4 KiB.
[[nodiscard]] std::string ReadRuntimeLog(const RuntimeFiles& files);

}  // namespace paddock::drivers::oci
