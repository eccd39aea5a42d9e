// TextWords: a text as the words that a classification looks at, in lower case.
//
// Used by text_kind.cc. Threading: pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sql/dialect.h"

namespace paddock::runners::server {

struct TextWord {
  enum class Kind : std::uint8_t { kWord, kName, kText, kSign };
  Kind kind = Kind::kSign;
  std::string text;  // of a name and a text, without quotes
};

/// Without space and comments. `is_opaque`: there is something in it that these words do not show.
struct TextWords {
  std::vector<TextWord> words;
  bool is_opaque = false;

  [[nodiscard]] bool IsSign(std::size_t at, char sign) const;
  [[nodiscard]] bool IsCall(std::size_t at) const { return IsSign(at + 1, '('); }
  /// Whether the call at `at` has exactly this many arguments, 0 or 1.
  [[nodiscard]] bool HasArguments(std::size_t at, int count) const;
};

[[nodiscard]] TextWords ReadWords(std::string_view text, sql::Dialect dialect);

}  // namespace paddock::runners::server
