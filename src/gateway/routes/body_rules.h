// Rules for fields that several request bodies share.
//
// Pure; any thread. What is refused is kept in the JsonBody, as with its own getters.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/json_body.h"

namespace paddock::gateway {

/// "env": at most 64 variables of 16 KiB together, names as POSIX has them, values without NUL.
[[nodiscard]] std::map<std::string, std::string> ReadEnv(JsonObject& body);

/// "cwd": absolute, or "" when missing.
[[nodiscard]] std::string ReadCwd(JsonObject& body);

/// "argv": 1 to 1024 arguments of kArgumentBytesMax together, the first not empty.
[[nodiscard]] std::optional<std::vector<std::string>> ReadArgv(JsonObject& body);

/// With an environment and a cwd it fits into one message to the agent (protocol/limits.h).
inline constexpr std::size_t kArgumentBytesMax = 40'960;
inline constexpr std::size_t kPathBytesMax = 4095;  // PATH_MAX, less the NUL

}  // namespace paddock::gateway
