// DecodeTarget: the request target, percent-decoded exactly once and refused when it is unclear.
//
// Used by the connection loop. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace paddock::gateway {

struct Target {
  std::string path;  // starts with '/'
  std::vector<std::pair<std::string, std::string>> query;
};

/// Only the origin form ("/path?query") is served. kInvalid, with a message for the client: bad
/// percent-encoding, invalid UTF-8, control characters, an encoded slash or backslash, an empty
/// segment, "." or ".." (also encoded), or a query parameter given twice.
[[nodiscard]] Result<Target> DecodeTarget(std::string_view target);

}  // namespace paddock::gateway
