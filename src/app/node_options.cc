#include "app/node_options.h"

#include <limits>

namespace paddock::app {
namespace {

constexpr std::int64_t kSandboxesMaxHighest = 65'535;
constexpr std::int64_t kIdMax = std::numeric_limits<std::uint32_t>::max();

Result<void> CheckRuntime(std::string_view text) {
  if (text == "crun" || text == "runc" || text == "runsc") {
    return {};
  }
  return Fail(Code::kInvalid, "must be crun, runc or runsc");
}

}  // namespace

void DeclareNodeOptions(config::OptionSet& set, NodeOptions& options) {
  set.Begin("Node", config::Process::kNode);
  set.Text("cgroup-root", options.cgroup_root, "the node's group in each hierarchy").form = "NAME";
  set.Integer("id-base", options.id_base, 0, kIdMax, "first host id of the sandboxes' ranges");
  set.Integer("node-sandboxes-max", options.sandboxes_max, 1, kSandboxesMaxHighest,
              "sandboxes of this node; as many ranges of 65536 ids are reserved");
  auto& runtime =
      set.Text("runtime", options.runtime, "crun, runc or runsc; by default the best that works");
  runtime.example = "crun";
  runtime.form = "NAME";
  runtime.check = CheckRuntime;
  set.Path("agent", options.agent,
           "paddock-agent, and paddock-sqlite beside it; by default beside this program")
      .example = "/usr/lib/paddock/paddock-agent";
  DeclareRemoteLink(set, options.link, config::Process::kNode,
                    {.group = "Server and node on two hosts",
                     .address = "use the node of another host, and start none here",
                     .listen = "where the node lets other hosts in",
                     .port = "3007"});
}

}  // namespace paddock::app
