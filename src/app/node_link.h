// NodeLink: what the options say of a server and a node on two hosts.
//
// Used by `paddock node` and `paddock serve`, each on its own host. Threading: at start.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/config/option_set.h"
#include "base/result.h"
#include "rpc/remote.h"

namespace paddock::app {

struct NodeLink {
  std::string node;                  // --node, of the server
  std::string listen;                // --node-listen, of the node
  std::vector<std::string> clients;  // --node-clients, of the node
  std::string certificate;           // these three are of whichever this is
  std::string key;
  std::string authority;
};

/// Values arrive in `link`, which outlives `set`.
void DeclareNodeLink(config::OptionSet& set, NodeLink& link);

/// Nothing when the node is for this host alone. Fails with kInvalid: only a part of it is said;
/// the message names what is missing.
[[nodiscard]] Result<std::optional<rpc::RemoteAccess>> RemoteAccessOf(const NodeLink& link);

/// Nothing when the server's node is on its own host. Fails likewise.
[[nodiscard]] Result<std::optional<rpc::RemoteNode>> RemoteNodeOf(const NodeLink& link);

}  // namespace paddock::app
