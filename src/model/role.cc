#include "model/role.h"

#include <algorithm>
#include <array>
#include <utility>

namespace paddock {
namespace {

constexpr auto kNames = std::to_array<std::pair<Role, std::string_view>>({
    {Role::kGuest, "guest"},
    {Role::kLearner, "learner"},
    {Role::kTeacher, "teacher"},
    {Role::kAdmin, "admin"},
});

}  // namespace

std::string_view Name(Role role) noexcept {
  const auto* const found =
      std::ranges::find(kNames, role, &std::pair<Role, std::string_view>::first);
  return found == kNames.end() ? std::string_view("unknown") : found->second;
}

std::optional<Role> ParseRole(std::string_view name) noexcept {
  const auto* const found =
      std::ranges::find(kNames, name, &std::pair<Role, std::string_view>::second);
  return found == kNames.end() ? std::nullopt : std::optional(found->first);
}

}  // namespace paddock
