// sha256: the hash by which images and recipes are known. Usable from any thread.
#pragma once

#include <string>
#include <string_view>

namespace paddock::images {

/// "sha256:" and 64 lower-case hexadecimal digits.
[[nodiscard]] std::string Sha256(std::string_view content);

}  // namespace paddock::images
