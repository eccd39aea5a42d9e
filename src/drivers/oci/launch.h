// Launch: the child that prepares one sandbox's mounts and then becomes the OCI runtime.
//
// Used by OciDriver. Everything happens in a mount namespace of the child's own, which ends with
// the runtime: what the sandbox holds open stays alive, nothing is left on the host.
//
//   image root ──idmapped, read-only──┐
//                                     ├─ overlay ── the sandbox's root
//   sparse ext4 image ──loop device───┘
//
// Threading: Run() is called between fork and exec; it only makes system calls on what the
// constructor has laid out. Ownership: the launch outlives the child's start; descriptors are
// borrowed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aio/process.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace paddock::drivers::oci {

/// What a launch needs; all paths are absolute.
struct LaunchPlan {
  std::string mount_point;     // an empty directory that every launch may use at once
  std::string image_root;      // owned by ids 0..65535, never written to
  std::string upper_image;     // the sandbox's own ext4 image
  std::uint32_t id_first = 0;  // what uid 0 of the sandbox is on the host
  std::string log_name;        // file beside the upper layer that takes the sandbox's output
  std::string hidden_mount;    // unmounted for the runtime alone; "" for none
  int birth_group = aio::Process::kOwnGroup;  // v2 group to begin in
  std::vector<int> group_fds;                 // "tasks" files of v1 groups to enter
  std::vector<int> passed_fds;                // become 3, 4, … in the sandbox
  std::vector<std::string> argv;              // the runtime; argv[0] is a path
  std::vector<std::string> env;
};

/// Where the root of a new sandbox is mounted, seen from the runtime.
[[nodiscard]] std::string RootUnder(const std::string& mount_point);

/// Where the sandbox's user namespace has a name, seen from the runtime.
[[nodiscard]] std::string UserNamespaceUnder(const std::string& mount_point);

class Launch final : public aio::ChildBody {
 public:
  /// Fails with kExhausted (no more descriptors).
  [[nodiscard]] static Result<Launch> Prepare(LaunchPlan plan);

  int Run() noexcept override;

  /// After the child has ended without success: which step failed and why, or "" when the runtime
  /// itself was reached.
  [[nodiscard]] std::string ReadFailure();

 private:
  Launch(LaunchPlan plan, UniqueFd read_end, UniqueFd write_end);

  bool LimitResources() noexcept;
  bool Mount() noexcept;
  bool MountUserNamespace() noexcept;
  bool MountImageRoot(int names) noexcept;
  bool MountUpperImage() noexcept;
  bool MountOverlay() noexcept;
  bool EnterGroups() noexcept;
  bool ArrangeDescriptors() noexcept;
  bool Check(bool succeeded, const char* step) noexcept;

  LaunchPlan plan_;
  std::string lower_;
  std::string upper_;
  std::string upper_data_;
  std::string upper_work_;
  std::string root_;
  std::string user_;
  std::string log_;
  std::string overlay_options_;
  std::vector<char*> argv_;
  std::vector<char*> env_;
  UniqueFd failure_read_;
  UniqueFd failure_write_;
};

}  // namespace paddock::drivers::oci
