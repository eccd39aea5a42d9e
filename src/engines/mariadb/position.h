// Position: where in a statement MariaDB found an error, in bytes, as far as its message says so.
//
// It says no position, but a piece of the text with a line, or a name: each is looked for, and only
// counts when there is no doubt. Used by MariadbSession. Threading: pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace paddock::engines::mariadb {

/// `number` and `message` are the server's.
[[nodiscard]] std::optional<std::size_t> FindPosition(std::string_view statement,
                                                      unsigned number,
                                                      std::string_view message);

}  // namespace paddock::engines::mariadb
