// Visibility: who may know of a question at all.
//
// A question says `everyone`, `accounts` (no guests), `teachers`, or `class:ID`: the members of a
// class and its teacher, as for an examination. To everybody else it does not exist: it is in no
// list, no count, no filter and no answer. Who may write questions sees all of them. Threading:
// plain values.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "model/role.h"

namespace paddock::questions {

inline constexpr std::string_view kEveryone = "everyone";
inline constexpr std::string_view kAccounts = "accounts";
inline constexpr std::string_view kTeachers = "teachers";
inline constexpr std::string_view kClassPrefix = "class:";

/// One of the four forms.
[[nodiscard]] bool IsVisibility(std::string_view text) noexcept;

/// Who looks.
struct Reader {
  Role role = Role::kGuest;
  bool may_author = false;
  // The ids of those that they are in or teach.
  std::set<std::string> classes = {};  // NOLINT: may be left out
};

[[nodiscard]] bool IsVisible(std::string_view visibility, const Reader& reader);

}  // namespace paddock::questions
