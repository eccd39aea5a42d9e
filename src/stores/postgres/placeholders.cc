#include "stores/postgres/placeholders.h"

#include <cctype>

#include <fmt/format.h>

#include "store/database.h"

namespace paddock::stores::postgres {
namespace {

constexpr std::size_t kUnended = std::string_view::npos;

bool IsWord(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Each End… returns the length of what begins at `text`, or kUnended.

std::size_t EndQuoted(std::string_view text, bool with_backslashes) {
  const char quote = text.front();
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (with_backslashes && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (i + 1 == text.size() || text[i + 1] != quote) {
        return i + 1;
      }
      ++i;  // doubled: the quote itself
    }
  }
  return kUnended;
}

std::size_t EndLineComment(std::string_view text) {
  const std::size_t end = text.find('\n');
  return end == std::string_view::npos ? text.size() : end + 1;
}

std::size_t EndBlockComment(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const std::string_view two = text.substr(i, 2);
    if (two == "/*") {
      ++depth;
      ++i;
    } else if (two == "*/") {
      --depth;
      ++i;
      if (depth == 0) {
        return i + 1;
      }
    }
  }
  return kUnended;
}

// A dollar that begins no quotation is an ordinary character.
std::size_t EndDollarQuoted(std::string_view text) {
  std::size_t tag_end = 1;
  while (tag_end < text.size() && IsWord(text[tag_end])) {
    ++tag_end;
  }
  const bool is_number = tag_end > 1 && std::isdigit(static_cast<unsigned char>(text[1])) != 0;
  if (tag_end == text.size() || text[tag_end] != '$' || is_number) {
    return 1;
  }
  const std::string_view tag = text.substr(0, tag_end + 1);
  const std::size_t end = text.find(tag, tag.size());
  return end == std::string_view::npos ? kUnended : end + tag.size();
}

// The length of the piece that `sql` has at `at`: a quotation, a comment or one character.
std::size_t PieceAt(std::string_view sql, std::size_t at) {
  const std::string_view text = sql.substr(at);
  const bool in_word = at > 0 && IsWord(sql[at - 1]);
  switch (text.front()) {
    case '\'': {
      const bool is_escape =
          in_word && (sql[at - 1] == 'E' || sql[at - 1] == 'e') && (at < 2 || !IsWord(sql[at - 2]));
      return EndQuoted(text, is_escape);
    }
    case '"': return EndQuoted(text, false);
    case '-': return text.starts_with("--") ? EndLineComment(text) : 1;
    case '/': return text.starts_with("/*") ? EndBlockComment(text) : 1;
    case '$': return in_word ? 1 : EndDollarQuoted(text);
    default: return 1;
  }
}

}  // namespace

Result<NumberedSql> NumberPlaceholders(std::string_view sql) {
  if (sql.size() > store::kSqlSizeMax) {
    return Fail(Code::kInternal, "a statement is too long");
  }
  NumberedSql numbered;
  numbered.sql.reserve(sql.size() + 16);
  for (std::size_t at = 0; at < sql.size();) {
    if (sql[at] == '?') {
      ++numbered.count;
      numbered.sql += fmt::format("${}", numbered.count);
      ++at;
      continue;
    }
    const std::size_t length = PieceAt(sql, at);
    if (length == kUnended) {
      return Fail(Code::kInternal, fmt::format("a quotation or comment of a statement does not "
                                               "end: {}",
                                               sql));
    }
    numbered.sql += sql.substr(at, length);
    at += length;
  }
  return numbered;
}

}  // namespace paddock::stores::postgres
