#include "engines/postgres/position.h"

#include <cstdint>

namespace paddock::engines::postgres {

std::optional<std::size_t> ByteOfCharacter(std::string_view statement, std::size_t position) {
  std::size_t characters = 0;
  for (std::size_t at = 0; at < statement.size(); ++at) {
    const auto byte = static_cast<std::uint8_t>(statement[at]);
    const bool begins_character = (byte & 0xc0U) != 0x80U;
    characters += begins_character ? 1 : 0;
    if (characters == position) {
      return at;
    }
  }
  // The server counts the end as the character after the last.
  return characters + 1 == position ? std::optional(statement.size()) : std::nullopt;
}

std::optional<std::size_t> ByteOfCaret(std::string_view statement, std::string_view detail) {
  constexpr std::string_view kBegin = "source SQL:\n";
  if (!detail.starts_with(kBegin) || !detail.ends_with('^')) {
    return std::nullopt;
  }
  detail.remove_prefix(kBegin.size());
  detail.remove_suffix(1);
  const std::size_t caret_line = detail.rfind('\n');
  if (caret_line == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view spaces = detail.substr(caret_line + 1);
  const std::string_view source = detail.substr(0, caret_line);
  if (spaces.find_first_not_of(' ') != std::string_view::npos || !statement.starts_with(source)) {
    return std::nullopt;
  }
  const std::size_t line_end = source.rfind('\n');
  const std::size_t line = line_end == std::string_view::npos ? 0 : line_end + 1;
  const std::size_t position = line + spaces.size();
  return position <= source.size() ? std::optional(position) : std::nullopt;
}

}  // namespace paddock::engines::postgres
