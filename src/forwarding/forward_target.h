// ForwardTarget: which port of which sandbox on which server, read from what a user typed.
//
// Used by `paddock forward`. Threading: pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace paddock::forwarding {

struct ForwardTarget {
  bool tls = false;
  std::string host;
  std::string port;
  std::string path;   // of the WebSocket, with its query
  std::string token;  // a secret: not for any log
};

/// `server` is http://HOST[:PORT] or https://HOST[:PORT]. Fails with kInvalid.
[[nodiscard]] Result<ForwardTarget> MakeTarget(std::string_view server,
                                               std::string_view sandbox,
                                               std::uint16_t port,
                                               std::string token);

}  // namespace paddock::forwarding
