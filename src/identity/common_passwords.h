// The passwords that are long enough and yet tried first.
//
// Threading: pure functions.
#pragma once

#include <string_view>

namespace paddock::identity {

/// `lower` is in lower case. Also true of such a password with digits or marks after it.
[[nodiscard]] bool IsCommonPassword(std::string_view lower);

}  // namespace paddock::identity
