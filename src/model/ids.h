// The ids of the product's nouns, and how a new one is made.
//
// An id is 128 random bits in lower-case base32 (26 characters, RFC 4648 alphabet without padding):
// safe in a host name, a path, a cgroup name and a URL, and never guessable.
#pragma once

#include <string>
#include <string_view>

#include "base/units.h"

namespace paddock {

using UserId = Id<struct UserTag>;
using SandboxId = Id<struct SandboxTag>;
using TerminalId = Id<struct TerminalTag>;
using SessionId = Id<struct SessionTag>;
using ApiTokenId = Id<struct ApiTokenTag>;
using LinkId = Id<struct LinkTag>;
using ClassId = Id<struct ClassTag>;
using AuditId = Id<struct AuditTag>;

inline constexpr int kIdLength = 26;

/// 128 bits from the kernel's generator, encoded. Aborts when the kernel has no randomness to give.
[[nodiscard]] std::string NewIdText();

/// True for exactly the texts NewIdText() can return: whoever takes an id from outside asks first.
[[nodiscard]] bool IsIdText(std::string_view text) noexcept;

template <class IdType>
[[nodiscard]] IdType NewId() {
  return IdType(NewIdText());
}

}  // namespace paddock
