#include "sql/splitter.h"

#include <algorithm>

#include "sql/internal/body.h"
#include "sql/lexer.h"

namespace paddock::sql {
namespace {

// As the client of MariaDB has it; what is longer is no command, and the database says so.
constexpr std::size_t kDelimiterBytesMax = 15;
constexpr std::string_view kSemicolon = ";";

bool HasDelimiterCommand(Dialect dialect) {
  return dialect == Dialect::kMariadb || dialect == Dialect::kKwdb;
}

class Splitter {
 public:
  Splitter(std::string_view text, Dialect dialect, std::size_t statements_max)
      : text_(text),
        dialect_(dialect),
        statements_max_(statements_max),
        lexer_(text, dialect),
        body_(dialect) {}

  std::vector<StatementSpan> Run() {
    // One more than wanted, which says that the last has to take the rest.
    while (!lexer_.at_end() && spans_.size() <= statements_max_) {
      Step();
    }
    EndStatement();
    if (spans_.size() > statements_max_) {
      spans_.resize(statements_max_);
      ReachToTheEnd();
    }
    return std::move(spans_);
  }

 private:
  void Step() {
    if (IsDelimiter(lexer_.position()) && (delimiter_ != kSemicolon || body_.EndsAtSemicolon())) {
      lexer_.MoveTo(lexer_.position() + delimiter_.size());
      EndStatement();
      return;
    }
    const Token token = lexer_.Next();
    if (token.kind == TokenKind::kSpace || token.kind == TokenKind::kComment) {
      return;
    }
    if (token.kind != TokenKind::kWord || is_open_ || !TakeDelimiterCommand(token)) {
      Take(token);
    }
  }

  [[nodiscard]] bool IsDelimiter(std::size_t position) const {
    return text_.substr(position).starts_with(delimiter_);
  }

  // DELIMITER and what follows on its line are for the client alone.
  bool TakeDelimiterCommand(const Token& token) {
    if (!HasDelimiterCommand(dialect_) || !IsWord(TextOf(token), "DELIMITER")) {
      return false;
    }
    auto begin = token.end;
    while (begin < text_.size() && text_[begin] != '\n' && IsSpace(text_[begin])) {
      ++begin;
    }
    // No further than that: a text may hold this word many times on one long line.
    const auto word = text_.substr(begin, kDelimiterBytesMax + 1);
    const auto size = static_cast<std::size_t>(std::ranges::find_if(word, IsSpace) - word.begin());
    if (begin == token.end || size == 0 || size > kDelimiterBytesMax) {
      return false;
    }
    delimiter_ = word.substr(0, size);
    lexer_.MoveTo(std::min(text_.find('\n', begin), text_.size()));
    lexer_.StopWordsAt(delimiter_);
    return true;
  }

  void Take(const Token& token) {
    if (!is_open_) {
      is_open_ = true;
      span_.begin = token.begin;
    }
    span_.end = token.end;
    if (token.kind == TokenKind::kWord) {
      body_.OnWord(TextOf(token));
    } else {
      body_.OnOther(token.kind == TokenKind::kOther ? TextOf(token) : std::string_view());
    }
  }

  void EndStatement() {
    if (is_open_) {
      spans_.push_back(span_);
    }
    is_open_ = false;
    body_ = internal::Body(dialect_);
  }

  void ReachToTheEnd() {
    if (spans_.empty()) {
      return;
    }
    auto end = text_.size();
    while (IsSpace(text_[end - 1])) {
      --end;
    }
    spans_.back().end = end;
  }

  [[nodiscard]] std::string_view TextOf(const Token& token) const {
    return text_.substr(token.begin, token.end - token.begin);
  }

  std::string_view text_;
  Dialect dialect_;
  std::size_t statements_max_;
  Lexer lexer_;
  internal::Body body_;
  std::string_view delimiter_ = kSemicolon;
  std::vector<StatementSpan> spans_;
  StatementSpan span_;
  bool is_open_ = false;
};

}  // namespace

std::vector<StatementSpan> Split(std::string_view text,
                                 Dialect dialect,
                                 std::size_t statements_max) {
  return Splitter(text, dialect, statements_max).Run();
}

}  // namespace paddock::sql
