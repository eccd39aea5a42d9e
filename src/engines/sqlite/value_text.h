// Values of SQLite as exact text. Used by Statement. Threading: pure.
#pragma once

#include <string>
#include <string_view>

namespace paddock::engines::sqlite {

/// The shortest text that reads back as `number`, always with a point: "1.0", "0.1", "1.5e+300",
/// "-Inf". At most 17 digits are significant. SQLite has no NaN.
[[nodiscard]] std::string RealText(double number);

/// Lower-case hexadecimal.
[[nodiscard]] std::string HexText(std::string_view bytes);

}  // namespace paddock::engines::sqlite
