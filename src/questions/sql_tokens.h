// Tokens of one SQL statement, as far as its clauses are to be told apart. Private to this folder.
//
// Used by order_keys.h and by the reading of seeds. It knows strings, quoted names, comments and
// dollar quotes. Threading: pure. Linear in the size of the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sql/dialect.h"

namespace paddock::questions {

struct Token {
  enum class Kind : std::uint8_t { kWord, kQuotedName, kNumber, kString, kSymbol };

  Kind kind = Kind::kSymbol;
  std::string text;         // a word in capitals; a name, a string without its quotes and escapes
  std::size_t begin = 0;    // in the text
  int depth = 0;            // of brackets around it
  bool is_escaped = false;  // of a string: written as E'…', whose backslashes were resolved

  friend bool operator==(const Token& one, const Token& other) {
    return one.kind == other.kind && one.text == other.text;
  }
};

/// Never fails: what is not closed reaches to the end.
[[nodiscard]] std::vector<Token> Tokenize(std::string_view text, sql::Dialect dialect);

}  // namespace paddock::questions
