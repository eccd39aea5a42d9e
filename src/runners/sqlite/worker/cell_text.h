// The text of a cell's value, exact and the same every time.
//
// Used by TextRun. Threading: pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace paddock::runners::sqlite {

/// The shortest text that reads back as `number`, in SQLite's way: "1.0", "1145141919.81",
/// "1.5e+300", "Inf".
[[nodiscard]] std::string RealText(double number);

/// Lower-case hexadecimal, in `out`.
void HexText(std::string& out, std::string_view bytes);

}  // namespace paddock::runners::sqlite
