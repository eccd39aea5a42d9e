// Role: what somebody is to this server. Each may do what the ones before it may.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace paddock {

enum class Role : std::uint8_t {
  kGuest = 1,    // without an account
  kLearner = 2,  // has an account
  kTeacher = 3,  // has classes
  kAdmin = 4,    // runs the server
};

/// "guest", "learner", "teacher", "admin": as the API, the store and the configuration write it.
[[nodiscard]] std::string_view Name(Role role) noexcept;
[[nodiscard]] std::optional<Role> ParseRole(std::string_view name) noexcept;

}  // namespace paddock
