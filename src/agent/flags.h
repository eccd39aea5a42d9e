// Flags of paddock-agent, which come from whoever starts the sandbox, never from the learner.
//
//     paddock-agent --listen-fd=N          an inherited, listening unix socket, or
//                   --listen-path=PATH     one made at PATH
//                   --cgroup-fds=NAME:N,…  inherited directories of the sandbox's cgroups
//                   --boot=PATH            the program that starts the image's services
//     paddock-agent connect --listen-path=PATH
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/result.h"

namespace paddock::agent {

struct Flags {
  bool connect = false;  // relay standard input and output to a running agent
  std::optional<int> listen_fd;
  std::string listen_path;
  std::string cgroup_fds;
  std::string boot_path;
};

/// Fails with kInvalid and a sentence for people.
[[nodiscard]] Result<Flags> ParseFlags(std::span<char* const> arguments);

}  // namespace paddock::agent
