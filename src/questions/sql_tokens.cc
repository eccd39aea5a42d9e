#include "questions/sql_tokens.h"

#include <algorithm>
#include <utility>

namespace paddock::questions {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWordStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

class Tokenizer {
 public:
  Tokenizer(std::string_view text, sql::Dialect dialect) : text_(text), dialect_(dialect) {}

  std::vector<Token> Run() {
    while (at_ < text_.size()) {
      if (!SkipBlank()) {
        Next();
      }
    }
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] bool Sees(std::string_view what) const {
    return text_.substr(at_).starts_with(what);
  }
  [[nodiscard]] char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  bool SkipBlank() {
    if (IsSpace(Peek())) {
      ++at_;
      return true;
    }
    if (Sees("--") || (dialect_ == sql::Dialect::kMariadb && Peek() == '#')) {
      at_ = std::min(text_.find('\n', at_), text_.size());
      return true;
    }
    if (Sees("/*")) {
      SkipComment();
      return true;
    }
    return false;
  }

  // PostgreSQL nests them.
  void SkipComment() {
    int depth = 0;
    while (at_ < text_.size()) {
      if (Sees("/*") && (depth == 0 || dialect_ == sql::Dialect::kPostgres)) {
        ++depth;
        at_ += 2;
      } else if (Sees("*/")) {
        at_ += 2;
        if (--depth == 0) {
          return;
        }
      } else {
        ++at_;
      }
    }
  }

  void Add(Token::Kind kind, std::string text, std::size_t begin, bool is_escaped = false) {
    tokens_.push_back({.kind = kind,
                       .text = std::move(text),
                       .begin = begin,
                       .depth = depth_,
                       .is_escaped = is_escaped});
  }

  void Next() {
    const char c = Peek();
    const std::size_t begin = at_;
    const bool is_postgres = dialect_ == sql::Dialect::kPostgres;
    if (c == '\'') {
      Add(Token::Kind::kString, Quoted('\'', dialect_ == sql::Dialect::kMariadb), begin);
    } else if (is_postgres && (c == 'E' || c == 'e') && Peek(1) == '\'') {
      ++at_;
      Add(Token::Kind::kString, Quoted('\'', true), begin, true);
    } else if (c == '"' || c == '`') {
      Add(Token::Kind::kQuotedName, Quoted(c, false), begin);
    } else if (c == '[' && dialect_ == sql::Dialect::kSqlite) {
      Add(Token::Kind::kQuotedName, Quoted(']', false), begin);
    } else if (is_postgres && c == '$' && (Peek(1) == '$' || IsWordStart(Peek(1)))) {
      DollarQuoted(begin);
    } else if (IsWordStart(c)) {
      Word(begin);
    } else if (IsDigit(c)) {
      Number(begin);
    } else {
      Symbol(begin);
    }
  }

  // From the opening quote on; a doubled quote stands for itself.
  std::string Quoted(char quote, bool has_escapes) {
    std::string value;
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == quote && Peek() == quote) {
        value += quote;
        ++at_;
      } else if (c == quote) {
        break;
      } else if (has_escapes && c == '\\' && at_ < text_.size()) {
        value += Unescaped(text_[at_++]);
      } else {
        value += c;
      }
    }
    return value;
  }

  static char Unescaped(char c) {
    switch (c) {
      case 'n': return '\n';
      case 't': return '\t';
      case 'r': return '\r';
      default: return c;
    }
  }

  void DollarQuoted(std::size_t begin) {
    const auto tag_end = text_.find('$', at_ + 1);
    if (tag_end == std::string_view::npos) {
      Symbol(begin);
      return;
    }
    const auto tag = text_.substr(at_, tag_end + 1 - at_);
    const auto close = std::min(text_.find(tag, tag_end + 1), text_.size());
    Add(Token::Kind::kString, std::string(text_.substr(tag_end + 1, close - tag_end - 1)), begin);
    at_ = std::min(close + tag.size(), text_.size());
  }

  void Word(std::size_t begin) {
    std::string word;
    while (at_ < text_.size() && (IsWordStart(Peek()) || IsDigit(Peek()) || Peek() == '$')) {
      word += Upper(text_[at_++]);
    }
    Add(Token::Kind::kWord, std::move(word), begin);
  }

  void Number(std::size_t begin) {
    while (at_ < text_.size() && (IsDigit(Peek()) || Peek() == '.' || IsWordStart(Peek()))) {
      ++at_;
    }
    Add(Token::Kind::kNumber, std::string(text_.substr(begin, at_ - begin)), begin);
  }

  // An opening bracket is outside of what it opens, as its closing one is.
  void Symbol(std::size_t begin) {
    const char c = text_[at_++];
    if (c == ')' && depth_ > 0) {
      --depth_;
    }
    Add(Token::Kind::kSymbol, std::string(1, c), begin);
    if (c == '(') {
      ++depth_;
    }
  }

  std::string_view text_;
  sql::Dialect dialect_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> Tokenize(std::string_view text, sql::Dialect dialect) {
  return Tokenizer(text, dialect).Run();
}

}  // namespace paddock::questions
