#include "questions/seed_cursor.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace paddock::questions {
namespace {

bool IsSymbol(const Token& token, char symbol) {
  return token.kind == Token::Kind::kSymbol && token.text[0] == symbol;
}
bool IsName(const Token& token) {
  return token.kind == Token::Kind::kWord || token.kind == Token::Kind::kQuotedName;
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return upper;
}

}  // namespace

bool SeedCursor::NextStatement() {
  statement_ = begun_ ? end_ + 1 : 0;
  begun_ = true;
  at_ = statement_;
  end_ = std::min(statement_, tokens_.size());
  while (end_ < tokens_.size() && !IsSymbol(tokens_[end_], ';')) {
    ++end_;
  }
  return statement_ < tokens_.size();
}

bool SeedCursor::Sees(std::string_view word) const {
  return !at_end() && tokens_[at_].kind == Token::Kind::kWord && tokens_[at_].text == word;
}

bool SeedCursor::TakesWord(std::string_view word) {
  const bool is_there = Sees(word);
  at_ += is_there ? 1 : 0;
  return is_there;
}

bool SeedCursor::TakesSymbol(char symbol) {
  const bool is_there = !at_end() && IsSymbol(tokens_[at_], symbol);
  at_ += is_there ? 1 : 0;
  return is_there;
}

std::string SeedCursor::TakeName() {
  return at_end() || !IsName(tokens_[at_]) ? std::string() : Upper(tokens_[at_++].text);
}

std::string SeedCursor::TakeLastName() {
  std::string name = TakeName();
  while (!name.empty() && TakesSymbol('.')) {
    name = TakeName();
  }
  return name;
}

std::vector<std::string> SeedCursor::TakeNames() {
  std::vector<std::string> names;
  while (!at_end() && !IsSymbol(tokens_[at_], ')')) {
    if (auto name = TakeName(); !name.empty()) {
      names.push_back(std::move(name));
    } else {
      ++at_;
    }
  }
  static_cast<void>(TakesSymbol(')'));
  return names;
}

SeedCursor::Value SeedCursor::TakeValue() {
  Value value;
  const int depth = at_end() ? 0 : tokens_[at_].depth;
  if (!at_end() && tokens_[at_].kind == Token::Kind::kString) {
    value.text.emplace();
    while (!at_end() && tokens_[at_].kind == Token::Kind::kString) {  // one goes on in the next
      *value.text += tokens_[at_++].text;
    }
  } else if (!at_end() && tokens_[at_].kind == Token::Kind::kNumber) {
    value.text = tokens_[at_++].text;
  } else {
    value.is_literal = Sees("NULL") || Sees("DEFAULT");
    at_ += value.is_literal ? 1 : 0;
  }
  value.is_literal = SkipCasts() && value.is_literal;
  while (!at_end() && !EndsValue(depth)) {
    value.is_literal = false;
    ++at_;
  }
  return value;
}

// An opening bracket is as deep as what stands before it, and its closing one too.
bool SeedCursor::EndsValue(int depth) const {
  const Token& token = tokens_[at_];
  return token.depth < depth || (token.depth == depth && (IsSymbol(token, ',') || Sees("WHERE") ||
                                                          Sees("AND") || Sees("RETURNING")));
}

/// ::name, ::name(n), as often as there are; false: something else begins like one.
bool SeedCursor::SkipCasts() {
  while (TakesSymbol(':')) {
    if (!TakesSymbol(':') || TakeLastName().empty()) {
      return false;
    }
    if (TakesSymbol('(')) {
      static_cast<void>(TakeNames());
    }
  }
  return true;
}

std::vector<std::string> SeedCursor::NamesOfStatement() const {
  std::vector<std::string> names;
  for (std::size_t i = statement_; i < end_; ++i) {
    if (IsName(tokens_[i])) {
      names.push_back(Upper(tokens_[i].text));
    }
  }
  return names;
}

std::string SeedCursor::PlaceOf(std::size_t token) const {
  const std::size_t begin = token < tokens_.size() ? tokens_[token].begin : file_.text.size();
  if (begin < counted_) {
    counted_ = 0;
    line_ = 1;
  }
  for (; counted_ < begin; ++counted_) {
    line_ += file_.text[counted_] == '\n' ? 1U : 0U;
  }
  return fmt::format("{}:{}", file_.path, line_);
}

std::unexpected<Error> SeedCursor::RefuseAt(std::size_t token, std::string_view why) const {
  return Fail(Code::kInvalid, fmt::format("{}: {}", PlaceOf(token), why));
}

}  // namespace paddock::questions
