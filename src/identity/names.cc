#include "identity/names.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace paddock::identity {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

/// Controls, spaces other than U+0020, and what has no width or no meaning of its own.
constexpr auto kInvisible = std::to_array<Range>(
    {{0x0000, 0x001F},   {0x007F, 0x00A0},   {0x00AD, 0x00AD},   {0x034F, 0x034F}, {0x061C, 0x061C},
     {0x115F, 0x1160},   {0x1680, 0x1680},   {0x17B4, 0x17B5},   {0x180B, 0x180F}, {0x2000, 0x200F},
     {0x2028, 0x202F},   {0x205F, 0x206F},   {0x2800, 0x2800},   {0x3000, 0x3000}, {0x3164, 0x3164},
     {0xD800, 0xF8FF},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFF},
     {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0x10FFFF}});
/// Drawn onto the character before: a letter with one can be written in two ways.
constexpr auto kCombining = std::to_array<Range>({{0x0300, 0x036F},
                                                  {0x0483, 0x0489},
                                                  {0x1AB0, 0x1AFF},
                                                  {0x1DC0, 0x1DFF},
                                                  {0x20D0, 0x20FF},
                                                  {0xFE20, 0xFE2F}});
/// Greek and Cyrillic, whose letters look like Latin ones.
constexpr auto kLookAlike = std::to_array<Range>({{0x0370, 0x03FF}, {0x0400, 0x052F}});

constexpr char32_t kFullWidthFirst = 0xFF01;  // of '!' to '~'
constexpr char32_t kFullWidthLast = 0xFF5E;
constexpr char32_t kFullWidthOffset = 0xFEE0;

template <std::size_t Count>
bool IsIn(const std::array<Range, Count>& ranges, char32_t character) {
  return std::ranges::any_of(ranges, [character](const Range& range) {
    return character >= range.first && character <= range.last;
  });
}

/// One character off the front of `text`; nothing when it is not UTF-8 in its shortest form.
std::optional<char32_t> TakeCharacter(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80U ? 1 : lead < 0xE0U ? 2 : lead < 0xF0U ? 3 : 4;
  if ((lead >= 0x80U && lead < 0xC2U) || lead > 0xF4U || text.size() < length) {
    return std::nullopt;
  }
  constexpr std::array<unsigned, 4> kLeadBits{0x7F, 0x1F, 0x0F, 0x07};
  constexpr std::array<char32_t, 4> kLeast{0, 0x80, 0x800, 0x10000};
  char32_t character = lead & kLeadBits.at(length - 1);
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0U) != 0x80U) {
      return std::nullopt;
    }
    character = character << 6U | (byte & 0x3FU);
  }
  if (character < kLeast.at(length - 1) || character > 0x10FFFF) {
    return std::nullopt;
  }
  text.remove_prefix(length);
  return character;
}

std::optional<std::vector<char32_t>> Characters(std::string_view text) {
  std::vector<char32_t> characters;
  while (!text.empty()) {
    const auto character = TakeCharacter(text);
    if (!character) {
      return std::nullopt;
    }
    characters.push_back(*character);
  }
  return characters;
}

bool IsAsciiLetter(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// `character` as it counts in a key, when that is ASCII.
std::optional<char> FoldToAscii(char32_t character) {
  if (character >= kFullWidthFirst && character <= kFullWidthLast) {
    character -= kFullWidthOffset;
  }
  if (character >= 'A' && character <= 'Z') {
    character += 'a' - 'A';
  }
  return character < 0x80 ? std::optional(static_cast<char>(character)) : std::nullopt;
}

std::unexpected<Error> Refuse(std::string message) {
  return Fail(Code::kInvalid, std::move(message));
}

}  // namespace

Result<std::string> NameKey(std::string_view name) {
  const auto characters = Characters(name);
  if (!characters || characters->size() < kNameCharactersMin ||
      characters->size() > kNameCharactersMax) {
    return Refuse(
        fmt::format("name must have {} to {} characters", kNameCharactersMin, kNameCharactersMax));
  }
  bool is_latin = false;
  bool looks_latin = false;
  std::string key;
  std::string_view rest = name;
  for (const char32_t character : *characters) {
    if (character == U' ' || IsIn(kInvisible, character) || IsIn(kCombining, character)) {
      return Refuse("name must have no spaces and no characters that cannot be seen");
    }
    const std::string_view from = rest;
    std::ignore = TakeCharacter(rest);
    const auto folded = FoldToAscii(character);
    is_latin = is_latin || (folded && IsAsciiLetter(static_cast<char32_t>(*folded)));
    looks_latin = looks_latin || IsIn(kLookAlike, character);
    if (folded) {
      key += *folded;
    } else {
      key += from.substr(0, from.size() - rest.size());
    }
  }
  if (is_latin && looks_latin) {
    return Refuse("name must not mix letters of alphabets that look alike");
  }
  return key;
}

Result<void> CheckLine(std::string_view what, std::string_view text, std::size_t characters_max) {
  const auto characters = Characters(text);
  if (!characters || characters->size() > characters_max) {
    return Refuse(fmt::format("{} must have at most {} characters", what, characters_max));
  }
  const bool is_hidden = std::ranges::any_of(
      *characters, [](char32_t character) { return IsIn(kInvisible, character); });
  if (is_hidden) {
    return Refuse(fmt::format("{} must have no characters that cannot be seen", what));
  }
  if (text.starts_with(' ') || text.ends_with(' ') || text.find("  ") != std::string_view::npos) {
    return Refuse(fmt::format("{} must have no spaces around it and no two in a row", what));
  }
  return {};
}

Result<void> CheckDisplayName(std::string_view name) {
  if (name.empty()) {
    return Refuse("display_name must not be empty");
  }
  return CheckLine("display_name", name, kDisplayNameCharactersMax);
}

Result<void> CheckEmail(std::string_view email) {
  const auto at = email.find('@');
  const bool is_well_formed =
      email.size() <= kEmailBytesMax && at != std::string_view::npos && at > 0 &&
      at + 1 < email.size() && email.find('@', at + 1) == std::string_view::npos &&
      std::ranges::none_of(email,
                           [](char c) { return c <= ' ' || c == '\x7F' || c == '<' || c == '>'; });
  // Bytes above ASCII are negative here, and so refused: few mail servers take them.
  if (!is_well_formed) {
    return Refuse("email must be an address such as ann@example.com");
  }
  return {};
}

}  // namespace paddock::identity
