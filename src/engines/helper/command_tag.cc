#include "engines/helper/command_tag.h"

#include <algorithm>
#include <array>

#include "sql/lexer.h"

namespace paddock::engines::helper {
namespace {

// What may stand between CREATE and the kind of thing.
constexpr std::array<std::string_view, 4> kBetween{"TEMP", "TEMPORARY", "UNIQUE", "VIRTUAL"};
constexpr std::array<std::string_view, 5> kChanges{"INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"};
constexpr std::array<std::string_view, 3> kOfThings{"CREATE", "ALTER", "DROP"};
constexpr std::size_t kWordBytesMax = 32;

std::string Upper(std::string_view word) {
  std::string upper(word.substr(0, kWordBytesMax));
  std::ranges::transform(upper, upper.begin(), [](char letter) {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  });
  return upper;
}

// The next word, or what stands there instead; empty at the end.
std::string NextWord(sql::Lexer& lexer, std::string_view text) {
  while (!lexer.at_end()) {
    const sql::Token token = lexer.Next();
    if (token.kind != sql::TokenKind::kSpace && token.kind != sql::TokenKind::kComment) {
      return Upper(text.substr(token.begin, token.end - token.begin));
    }
  }
  return "";
}

}  // namespace

std::string CommandOf(std::string_view statement) {
  sql::Lexer lexer(statement, sql::Dialect::kSqlite);
  std::string command = NextWord(lexer, statement);
  if (command == ";") {
    return "";
  }
  if (std::ranges::find(kOfThings, command) == kOfThings.end()) {
    return command;
  }
  auto thing = NextWord(lexer, statement);
  while (std::ranges::find(kBetween, thing) != kBetween.end()) {
    thing = NextWord(lexer, statement);
  }
  return thing.empty() ? command : command + " " + thing;
}

bool IsChange(std::string_view command) {
  return std::ranges::find(kChanges, command) != kChanges.end();
}

std::string TagOf(std::string_view command, std::optional<std::uint64_t> row_count) {
  std::string tag(command);
  if (row_count) {
    tag += " " + std::to_string(*row_count);
  }
  return tag;
}

}  // namespace paddock::engines::helper
