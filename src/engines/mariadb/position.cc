#include "engines/mariadb/position.h"

#include <mysqld_error.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace paddock::engines::mariadb {
namespace {

constexpr std::size_t kNearSizeMax = 80;    // the server cuts what it quotes
constexpr std::size_t kPlacesMax = 10'000;  // looked at in one text

struct Near {
  std::string_view text;
  std::size_t line = 0;
};

// "… the right syntax to use near 'the rest of the text' at line 2"
std::optional<Near> ReadNear(std::string_view message) {
  constexpr std::string_view kBegin = "near '";
  constexpr std::string_view kEnd = "' at line ";
  const auto begin = message.find(kBegin);
  const auto end = message.rfind(kEnd);
  if (begin == std::string_view::npos || end == std::string_view::npos ||
      end < begin + kBegin.size()) {
    return std::nullopt;
  }
  Near near{.text = message.substr(begin + kBegin.size(), end - begin - kBegin.size())};
  const std::string_view number = message.substr(end + kEnd.size());
  const auto read = std::from_chars(number.data(), number.data() + number.size(), near.line);
  return read.ec == std::errc() ? std::optional(near) : std::nullopt;
}

std::size_t LineOf(std::string_view statement, std::size_t position) {
  return 1 + static_cast<std::size_t>(std::ranges::count(statement.substr(0, position), '\n'));
}

// The server leaves these off before it reads.
std::string_view WithoutEnd(std::string_view statement) {
  const auto last = statement.find_last_not_of(" \t\r\n\f\v;");
  return statement.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

std::optional<std::size_t> FindNear(std::string_view statement, const Near& near) {
  for (const std::string_view text : {statement, WithoutEnd(statement)}) {
    if (near.text.size() < kNearSizeMax && text.ends_with(near.text)) {
      return text.size() - near.text.size();
    }
  }
  if (near.text.empty()) {
    return std::nullopt;
  }
  std::optional<std::size_t> only;
  std::optional<std::size_t> only_in_line;
  std::size_t count = 0;
  std::size_t count_in_line = 0;
  for (auto at = statement.find(near.text); at != std::string_view::npos && count < kPlacesMax;
       at = statement.find(near.text, at + 1)) {
    ++count;
    only = at;
    if (count == 1 || count_in_line < 2) {
      const bool is_in_line = LineOf(statement, at) == near.line;
      count_in_line += is_in_line ? 1 : 0;
      only_in_line = is_in_line ? std::optional(at) : only_in_line;
    }
  }
  if (count == 1) {
    return only;
  }
  return count_in_line == 1 ? only_in_line : std::nullopt;
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool IsPartOfName(char c) {
  return (Lower(c) >= 'a' && Lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         static_cast<std::uint8_t>(c) >= 0x80U;
}

// The only place where the name stands as a word, in any case.
std::optional<std::size_t> FindName(std::string_view statement, std::string_view name) {
  std::optional<std::size_t> found;
  if (name.empty()) {
    return found;
  }
  const auto is_same = [](char left, char right) { return Lower(left) == Lower(right); };
  auto from = statement.begin();
  for (std::size_t count = 0; count < kPlacesMax; ++count) {
    from = std::search(from, statement.end(), name.begin(), name.end(), is_same);
    if (from == statement.end()) {
      return found;
    }
    const auto at = static_cast<std::size_t>(from - statement.begin());
    const std::size_t end = at + name.size();
    const bool is_word = (at == 0 || !IsPartOfName(statement[at - 1])) &&
                         (end == statement.size() || !IsPartOfName(statement[end]));
    if (is_word && found) {
      return std::nullopt;
    }
    found = is_word ? std::optional(at) : found;
    ++from;
  }
  return std::nullopt;
}

// "Unknown column 't.x' in 'field list'", "Table 'school.x' doesn't exist": the x.
std::string_view QuotedName(std::string_view message) {
  const auto begin = message.find('\'');
  const auto end = begin == std::string_view::npos ? begin : message.find('\'', begin + 1);
  if (end == std::string_view::npos) {
    return {};
  }
  std::string_view name = message.substr(begin + 1, end - begin - 1);
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

}  // namespace

std::optional<std::size_t> FindPosition(std::string_view statement,
                                        unsigned number,
                                        std::string_view message) {
  if (number == ER_PARSE_ERROR) {
    const auto near = ReadNear(message);
    return near ? FindNear(statement, *near) : std::nullopt;
  }
  if (number == ER_BAD_FIELD_ERROR || number == ER_NO_SUCH_TABLE || number == ER_UNKNOWN_TABLE ||
      number == ER_BAD_TABLE_ERROR) {
    return FindName(statement, QuotedName(message));
  }
  return std::nullopt;
}

}  // namespace paddock::engines::mariadb
