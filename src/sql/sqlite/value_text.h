// Values of SQLite as exact text, the same every time.
//
// Used by the helper in a sandbox and by the workers of challenges. Threading: pure.
#pragma once

#include <string>
#include <string_view>

namespace paddock::sql {

/// The shortest text that reads back as `number`, always with a point: "1.0", "0.1", "1.5e+300",
/// "-Inf". At most 17 digits are significant. SQLite has no NaN.
[[nodiscard]] std::string RealText(double number);

/// Lower-case hexadecimal.
[[nodiscard]] std::string HexText(std::string_view bytes);

}  // namespace paddock::sql
