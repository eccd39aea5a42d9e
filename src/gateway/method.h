// Method: what a request wants to do. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace paddock::gateway {

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions };

[[nodiscard]] std::string_view Name(Method method) noexcept;
/// True for the methods that may change something: their Origin is checked.
[[nodiscard]] bool IsStateChanging(Method method) noexcept;

}  // namespace paddock::gateway
