#include "questions/order_keys.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>

#include "questions/sql_tokens.h"

namespace paddock::questions {
namespace {

using Tokens = std::span<const Token>;

bool IsWord(const Token& token, std::string_view word) {
  return token.kind == Token::Kind::kWord && token.text == word;
}
bool IsSymbol(const Token& token, char symbol) {
  return token.kind == Token::Kind::kSymbol && token.text[0] == symbol;
}

/// Of the text's statements the last that has a token.
Tokens LastStatement(Tokens tokens) {
  Tokens last;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= tokens.size(); ++i) {
    if (i == tokens.size() || (tokens[i].depth == 0 && IsSymbol(tokens[i], ';'))) {
      if (i > begin) {
        last = tokens.subspan(begin, i - begin);
      }
      begin = i + 1;
    }
  }
  return last;
}

/// The parts between commas outside of brackets.
std::vector<Tokens> Split(Tokens tokens) {
  std::vector<Tokens> parts;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= tokens.size(); ++i) {
    if (i == tokens.size() || (tokens[i].depth == 0 && IsSymbol(tokens[i], ','))) {
      parts.push_back(tokens.subspan(begin, i - begin));
      begin = i + 1;
    }
  }
  return parts;
}

template <class Ends>
Tokens Until(Tokens tokens, Ends ends) {
  std::size_t count = 0;
  while (count < tokens.size() && !(tokens[count].depth == 0 && ends(tokens[count]))) {
    ++count;
  }
  return tokens.first(count);
}

/// What is ordered by, without direction, place of NULL and collation.
Tokens TermOf(Tokens term) {
  return Until(term, [&](const Token& token) {
    return &token != term.data() && (IsWord(token, "ASC") || IsWord(token, "DESC") ||
                                     IsWord(token, "NULLS") || IsWord(token, "COLLATE"));
  });
}

bool IsName(const Token& token) {
  return token.kind == Token::Kind::kWord || token.kind == Token::Kind::kQuotedName;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

/// The expressions of the select list, without their aliases; none when there is a `*` or more than
/// one select, of which only the first names the columns.
std::vector<Tokens> SelectList(Tokens statement) {
  std::vector<Tokens> items;
  std::size_t select_count = 0;
  for (std::size_t i = 0; i < statement.size(); ++i) {
    if (statement[i].depth == 0 && IsWord(statement[i], "SELECT")) {
      ++select_count;
      const Tokens rest = statement.subspan(i + 1);
      items = Split(Until(rest, [](const Token& token) { return IsWord(token, "FROM"); }));
    }
  }
  if (select_count != 1) {
    return {};
  }
  if (!items.front().empty() && IsWord(items.front().front(), "DISTINCT")) {
    items.front() = items.front().subspan(1);
  }
  for (Tokens& item : items) {
    if (item.empty() || IsSymbol(item.back(), '*')) {
      return {};
    }
    item = Until(item, [](const Token& token) { return IsWord(token, "AS"); });
  }
  return items;
}

class Columns {
 public:
  Columns(const std::vector<sql::Column>& columns, std::vector<Tokens> expressions)
      : columns_(columns), expressions_(std::move(expressions)) {
    if (expressions_.size() != columns.size()) {
      expressions_.clear();
    }
  }

  [[nodiscard]] std::optional<std::size_t> Find(Tokens term) const {
    if (term.size() == 1 && term[0].kind == Token::Kind::kNumber) {
      return ByNumber(term[0].text);
    }
    if (term.size() == 1 && IsName(term[0])) {
      const auto named = ByName(term[0].text);
      if (named.second > 1) {
        return std::nullopt;
      }
      if (named.second == 1) {
        return named.first;
      }
    }
    for (std::size_t i = 0; i < expressions_.size(); ++i) {
      if (!term.empty() && std::ranges::equal(expressions_[i], term)) {
        return i;
      }
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] std::optional<std::size_t> ByNumber(const std::string& text) const {
    std::size_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    const bool is_column =
        error == std::errc() && stop == end && number >= 1 && number <= columns_.size();
    return is_column ? std::optional(number - 1) : std::nullopt;
  }

  /// The last of this name, and how many there are.
  [[nodiscard]] std::pair<std::size_t, int> ByName(const std::string& text) const {
    std::pair<std::size_t, int> found{0, 0};
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (Lower(columns_[i].name) == Lower(text)) {
        found = {i, found.second + 1};
      }
    }
    return found;
  }

  const std::vector<sql::Column>& columns_;
  std::vector<Tokens> expressions_;
};

/// The terms of the statement's own ORDER BY; none when it has none.
std::vector<Tokens> TermsOf(Tokens statement) {
  std::optional<std::size_t> begin;
  for (std::size_t i = 0; i + 1 < statement.size(); ++i) {
    if (statement[i].depth == 0 && IsWord(statement[i], "ORDER") &&
        IsWord(statement[i + 1], "BY")) {
      begin = i + 2;
    }
  }
  if (!begin) {
    return {};
  }
  return Split(Until(statement.subspan(*begin), [](const Token& token) {
    return IsWord(token, "LIMIT") || IsWord(token, "OFFSET") || IsWord(token, "FETCH") ||
           IsWord(token, "FOR");
  }));
}

}  // namespace

Ordering OrderingOf(std::string_view query,
                    const std::vector<sql::Column>& columns,
                    sql::Dialect dialect) {
  const auto tokens = Tokenize(query, dialect);
  const Tokens statement = LastStatement(tokens);
  const auto terms = TermsOf(statement);
  Ordering ordering{.is_ordered = !terms.empty()};
  const Columns known(columns, SelectList(statement));
  std::vector<std::size_t> keys;
  for (const Tokens term : terms) {
    const auto column = known.Find(TermOf(term));
    if (!column) {
      return ordering;
    }
    keys.push_back(*column);
  }
  if (ordering.is_ordered) {
    ordering.keys = std::move(keys);
  }
  return ordering;
}

}  // namespace paddock::questions
