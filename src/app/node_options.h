// NodeOptions: the options that are for the node alone, declared and checked.
//
// Used by `paddock node`, and by `paddock serve` and `paddock stop`, which may start one.
// Threading: at start. Ownership: plain values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "app/config/option_set.h"
#include "app/remote_link.h"
#include "drivers/oci/driver.h"

namespace paddock::app {

struct NodeOptions {
  std::filesystem::path data_dir;  // these three are the server's: see Settings
  std::filesystem::path run_dir;
  std::string server_user;
  std::string cgroup_root = "paddock";
  std::uint32_t id_base = 1U << 30U;
  int sandboxes_max = drivers::oci::OciDriverConfig().sandbox_count_max;
  std::string runtime;
  std::filesystem::path agent;
  RemoteLink link{.name = "node"};  // to a server on another host
};

/// Values arrive in `options`, which outlives `set`.
void DeclareNodeOptions(config::OptionSet& set, NodeOptions& options);

}  // namespace paddock::app
