// Lexer: the pieces of a text in some dialect of SQL, so far as they must be told apart without
// knowing the grammar.
//
// Used by the splitter, and by whoever completes what somebody types. It never fails: what is not
// closed reaches to the end. Threading: pure. Linear in the size of the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sql/dialect.h"

namespace paddock::sql {

enum class TokenKind : std::uint8_t {
  kSpace,
  kComment,  // but MariaDB's /*! … */, which the server reads: those are kOther
  kWord,     // keywords, names, numbers
  kText,     // strings of all kinds, with their prefix
  kName,     // a quoted name
  kOther,    // one byte of anything else
};

struct Token {
  TokenKind kind = TokenKind::kOther;
  std::size_t begin = 0;
  std::size_t end = 0;
};

class Lexer {
 public:
  /// `text` outlives the lexer.
  Lexer(std::string_view text, Dialect dialect) : text_(text), dialect_(dialect) {}

  [[nodiscard]] bool at_end() const noexcept { return position_ == text_.size(); }
  [[nodiscard]] std::size_t position() const noexcept { return position_; }
  /// Goes on from there; not beyond the end.
  void MoveTo(std::size_t position) noexcept { position_ = position; }
  /// Words end before `stop`: to MariaDB's client "END$$" is a word and a delimiter.
  void StopWordsAt(std::string_view stop) noexcept { word_stop_ = stop; }

  /// The next piece, at least one byte; only before the end.
  [[nodiscard]] Token Next();

 private:
  [[nodiscard]] char At(std::size_t position) const noexcept {
    return position < text_.size() ? text_[position] : '\0';
  }
  [[nodiscard]] bool nests_comments() const noexcept;
  [[nodiscard]] bool has_dollar_quotes() const noexcept { return nests_comments(); }
  [[nodiscard]] bool is_mariadb() const noexcept { return dialect_ == Dialect::kMariadb; }
  [[nodiscard]] bool IsLineComment() const noexcept;
  [[nodiscard]] bool IsEscapePrefix(std::string_view word) const noexcept;
  [[nodiscard]] bool IsReadByServer() const noexcept;

  // Each begins at `position_`, or where it is told, and says where the piece ends.
  [[nodiscard]] std::size_t SpaceEnd() const noexcept;
  [[nodiscard]] std::size_t WordEnd() const noexcept;
  [[nodiscard]] std::size_t LineEnd() const noexcept;
  [[nodiscard]] std::size_t CommentEnd() const noexcept;
  [[nodiscard]] std::size_t QuoteEnd(std::size_t begin, bool has_escapes) const noexcept;
  [[nodiscard]] std::size_t DollarQuoteEnd() const noexcept;  // `position_` when it is none

  std::string_view text_;
  Dialect dialect_;
  std::size_t position_ = 0;
  std::string_view word_stop_;  // none when empty
};

/// What SQL means by space; nothing depends on the locale.
[[nodiscard]] bool IsSpace(char letter) noexcept;
/// Letters, digits, "_", "$" and whatever is not ASCII.
[[nodiscard]] bool IsWordLetter(char letter) noexcept;
/// Without regard to case; `word` is upper case, ASCII.
[[nodiscard]] bool IsWord(std::string_view text, std::string_view word) noexcept;

}  // namespace paddock::sql
