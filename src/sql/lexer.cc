#include "sql/lexer.h"

#include <algorithm>

namespace paddock::sql {

bool IsSpace(char letter) noexcept { return letter == ' ' || (letter >= '\t' && letter <= '\r'); }

bool IsWordLetter(char letter) noexcept {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '_' || letter == '$' ||
         static_cast<unsigned char>(letter) >= 0x80U;
}

bool IsWord(std::string_view text, std::string_view word) noexcept {
  return std::ranges::equal(text, word, [](char letter, char upper) {
    return (letter >= 'a' && letter <= 'z' ? letter - 'a' + 'A' : letter) == upper;
  });
}

bool Lexer::nests_comments() const noexcept {
  return dialect_ == Dialect::kPostgres || dialect_ == Dialect::kKwdb;
}

// To MariaDB two hyphens are a comment only before a space: 5--3 is 8.
bool Lexer::IsLineComment() const noexcept {
  if (is_mariadb() && At(position_) == '#') {
    return true;
  }
  if (At(position_) != '-' || At(position_ + 1) != '-') {
    return false;
  }
  const char after = At(position_ + 2);
  return !is_mariadb() || static_cast<unsigned char>(after) <= ' ';
}

// Whether a backslash takes the next letter's meaning away in a text that begins with `word`.
bool Lexer::IsEscapePrefix(std::string_view word) const noexcept {
  return (nests_comments() && IsWord(word, "E")) ||
         (dialect_ == Dialect::kKwdb && IsWord(word, "B"));
}

// MariaDB's server reads what is in /*! … */ and /*M! … */.
bool Lexer::IsReadByServer() const noexcept {
  return is_mariadb() &&
         (At(position_ + 2) == '!' || (At(position_ + 2) == 'M' && At(position_ + 3) == '!'));
}

std::size_t Lexer::SpaceEnd() const noexcept {
  auto end = position_;
  while (end < text_.size() && IsSpace(text_[end])) {
    ++end;
  }
  return end;
}

std::size_t Lexer::WordEnd() const noexcept {
  auto end = position_ + 1;
  while (end < text_.size() && IsWordLetter(text_[end]) &&
         (word_stop_.empty() || !text_.substr(end).starts_with(word_stop_))) {
    ++end;
  }
  return end;
}

std::size_t Lexer::LineEnd() const noexcept {
  return std::min(text_.find('\n', position_), text_.size());
}

std::size_t Lexer::CommentEnd() const noexcept {
  std::size_t depth = 0;
  for (auto at = position_; at + 1 < text_.size(); ++at) {
    if (text_[at] == '/' && text_[at + 1] == '*' && (depth == 0 || nests_comments())) {
      ++depth;
      ++at;
    } else if (text_[at] == '*' && text_[at + 1] == '/') {
      ++at;
      if (--depth == 0) {
        return at + 1;
      }
    }
  }
  return text_.size();
}

// A quote within is written twice, which reads like one text after another.
std::size_t Lexer::QuoteEnd(std::size_t begin, bool has_escapes) const noexcept {
  const char close = text_[begin] == '[' ? ']' : text_[begin];
  for (auto at = begin + 1; at < text_.size(); ++at) {
    const bool is_escaped = text_[at] == '\\' && has_escapes;
    const bool is_close = text_[at] == close;
    if (is_close && (close == ']' || At(at + 1) != close)) {
      return at + 1;
    }
    at += is_escaped || is_close ? 1 : 0;
  }
  return text_.size();
}

std::size_t Lexer::DollarQuoteEnd() const noexcept {
  auto end = position_ + 1;
  if (At(end) >= '0' && At(end) <= '9') {
    return position_;  // a parameter
  }
  while (At(end) != '$' && IsWordLetter(At(end))) {
    ++end;
  }
  if (At(end) != '$') {
    return position_;
  }
  ++end;
  const auto tag = text_.substr(position_, end - position_);
  const auto close = text_.find(tag, end);
  return close == std::string_view::npos ? text_.size() : close + tag.size();
}

Token Lexer::Next() {
  Token token{.begin = position_, .end = position_ + 1};
  const char letter = text_[position_];
  if (IsSpace(letter)) {
    token.kind = TokenKind::kSpace;
    token.end = SpaceEnd();
  } else if (IsLineComment()) {
    token.kind = TokenKind::kComment;
    token.end = LineEnd();
  } else if (letter == '/' && At(position_ + 1) == '*') {
    token.kind = IsReadByServer() ? TokenKind::kOther : TokenKind::kComment;
    token.end = CommentEnd();
  } else if (letter == '\'' || (letter == '"' && is_mariadb())) {
    token.kind = TokenKind::kText;
    token.end = QuoteEnd(position_, is_mariadb());
  } else if (letter == '"' || (letter == '`' && !has_dollar_quotes()) ||
             (letter == '[' && dialect_ == Dialect::kSqlite)) {
    token.kind = TokenKind::kName;
    token.end = QuoteEnd(position_, false);
  } else if (letter == '$' && has_dollar_quotes() && DollarQuoteEnd() != position_) {
    token.kind = TokenKind::kText;
    token.end = DollarQuoteEnd();
  } else if (IsWordLetter(letter)) {
    token.kind = TokenKind::kWord;
    token.end = WordEnd();
    if (At(token.end) == '\'' && IsEscapePrefix(text_.substr(position_, token.end - position_))) {
      token.kind = TokenKind::kText;
      token.end = QuoteEnd(token.end, true);
    }
  }
  position_ = token.end;
  return token;
}

}  // namespace paddock::sql
