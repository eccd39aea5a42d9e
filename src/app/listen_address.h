// ListenAddress: where the server listens, as it is written in --listen.
//
// Used by serve_options. Threading: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace paddock::app {

struct ListenAddress {
  std::string address;
  std::uint16_t port = 0;
};

/// "127.0.0.1:3006", "[::1]:3006", "localhost:3006", or ":3006" for every address of this host.
/// kInvalid.
[[nodiscard]] Result<ListenAddress> ParseListenAddress(std::string_view text);

/// Whether only this host reaches `address`, which is one of ParseListenAddress.
[[nodiscard]] bool IsLoopback(const std::string& address);

}  // namespace paddock::app
