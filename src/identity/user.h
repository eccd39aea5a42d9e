// User: who somebody is, as every request carries it.
//
// A guest needs no sign-up. Accounts, roles and classes come with the store.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/ids.h"

namespace paddock::identity {

/// The values are part of the token's form: never renumbered.
enum class UserKind : std::uint8_t { kGuest = 1 };

/// "guest", as the API shows it.
[[nodiscard]] std::string_view Name(UserKind kind) noexcept;

struct User {
  UserId id;
  UserKind kind = UserKind::kGuest;
  friend bool operator==(const User&, const User&) = default;
};

}  // namespace paddock::identity
