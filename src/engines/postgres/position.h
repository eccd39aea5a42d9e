// Position: where in a statement the server found an error, in bytes.
//
// PostgreSQL counts characters; KWDB draws a caret below the text, in the detail. Used by the
// sessions. Threading: pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace paddock::engines::postgres {

/// `position` counts characters of `statement` from 1.
[[nodiscard]] std::optional<std::size_t> ByteOfCharacter(std::string_view statement,
                                                         std::size_t position);

/// From "source SQL:\n<the statement up to the end of a line>\n<spaces>^".
[[nodiscard]] std::optional<std::size_t> ByteOfCaret(std::string_view statement,
                                                     std::string_view detail);

}  // namespace paddock::engines::postgres
