// Certificate: what people and programs need to know of one, and the names that may stand in it.
//
// Used by Authority, by the check before a service starts, and by `paddock certs`. Pure; any
// thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace paddock::certs {

enum class Role { kAuthority, kServer, kClient, kOther };

/// "authority", "server", "client" or "other".
[[nodiscard]] std::string_view Name(Role role) noexcept;

struct Certificate {
  std::string name;  // the subject's common name
  Role role = Role::kOther;
  std::vector<std::string> hosts;  // DNS names and addresses; a client has its own name there
  std::string serial;              // hexadecimal, lower case
  std::chrono::system_clock::time_point not_before;
  std::chrono::system_clock::time_point not_after;
};

/// Whether `name` may be that of a service: it becomes a file's name and a DNS name in a
/// certificate. Fails with kInvalid.
[[nodiscard]] Result<void> CheckName(std::string_view name);

/// Whether `host` is a DNS name, perhaps with "*." before it, or an IPv4 or IPv6 address. Fails
/// with kInvalid.
[[nodiscard]] Result<void> CheckHost(std::string_view host);

/// Of a host that passed CheckHost.
[[nodiscard]] bool IsAddress(std::string_view host);

}  // namespace paddock::certs
