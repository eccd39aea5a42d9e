// The one table from Code to HTTP status, and back to the words that clients see.
//
// Used by whatever builds an error response. Pure functions; any thread.
#pragma once

#include <string_view>

#include "base/result.h"

namespace paddock::gateway {

[[nodiscard]] int HttpStatus(Code code) noexcept;

/// The standard reason phrase, or "Status" for a number that has none here.
[[nodiscard]] std::string_view ReasonPhrase(int status) noexcept;

/// The "code" of an error body for a status that no Code stands for (404 of the router, 413, 431).
[[nodiscard]] std::string_view ErrorName(int status) noexcept;

}  // namespace paddock::gateway
