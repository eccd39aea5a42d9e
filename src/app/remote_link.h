// RemoteLink: what the options say of a service and of a server that uses it from elsewhere.
//
// The node, the runner and the question service each have one, with the same options but for the
// first word of their names: --node, --node-listen, --node-clients, --node-certificate, --node-key,
// --node-ca. Used by the verbs of the services and by `paddock serve`. Threading: at start.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/config/option_set.h"
#include "base/result.h"
#include "rpc/remote.h"

namespace paddock::app {

struct RemoteLink {
  std::string name;  // "node", "runner", "questions"
  // NOLINTBEGIN(readability-redundant-member-init): may be left out
  std::string address = {};               // --NAME, of the server
  std::string listen = {};                // --NAME-listen, of the service
  std::vector<std::string> clients = {};  // --NAME-clients, of the service
  std::string certificate = {};           // these three are of whichever this is
  std::string key = {};
  std::string authority = {};
  // NOLINTEND(readability-redundant-member-init)

  [[nodiscard]] bool has_files() const noexcept {
    return !certificate.empty() || !key.empty() || !authority.empty();
  }
};

/// How the options of a link are shown.
struct LinkWords {
  std::string group;
  std::string address;  // the meaning of --NAME
  std::string listen;   // of --NAME-listen
  std::string port;     // in examples
};

/// Of `link.name`, which `process` listens for. Values arrive in `link`, which outlives `set`.
void DeclareRemoteLink(config::OptionSet& set,
                       RemoteLink& link,
                       config::Process process,
                       LinkWords words);

/// Nothing when the service is for this host alone. Fails with kInvalid: only a part of it is said;
/// the message names what is missing.
[[nodiscard]] Result<std::optional<rpc::RemoteAccess>> RemoteAccessOf(const RemoteLink& link);

/// Nothing when the server has its own. Fails likewise.
[[nodiscard]] Result<std::optional<rpc::RemoteService>> RemoteServiceOf(const RemoteLink& link);

/// For a process that is nothing but this service: fails with kInvalid when nothing is said, too.
[[nodiscard]] Result<rpc::RemoteAccess> RequiredAccessOf(const RemoteLink& link);

/// Said at the start of a server, where somebody reads it; later there would be no more than a
/// handshake that fails. `user` is whom it runs as. Fails like certs::CheckFiles.
[[nodiscard]] Result<void> CheckRemoteService(const rpc::RemoteService& service,
                                              const std::string& user);

}  // namespace paddock::app
