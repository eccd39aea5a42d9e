#include "runners/server/text_words.h"

#include <utility>

#include "runners/server/text_kind.h"
#include "sql/lexer.h"

namespace paddock::runners::server {
namespace {

using sql::Token;
using sql::TokenKind;

// Between its quotes, which are one byte or a dollar quote's tag; a prefix of one letter goes too.
std::string_view Unquoted(std::string_view text) {
  const auto begin = text.find_first_of("'\"`$");
  if (begin == std::string_view::npos) {
    return text;
  }
  std::size_t size = 1;
  if (text[begin] == '$') {
    const auto close = text.find('$', begin + 1);
    size = close == std::string_view::npos ? text.size() - begin : close + 1 - begin;
  }
  const auto quote = text.substr(begin, size);
  text.remove_prefix(begin + size);
  if (text.ends_with(quote)) {
    text.remove_suffix(size);
  }
  return text;
}

}  // namespace

bool TextWords::IsSign(std::size_t at, char sign) const {
  return at < words.size() && words[at].kind == TextWord::Kind::kSign &&
         words[at].text.front() == sign;
}

bool TextWords::HasArguments(std::size_t at, int count) const {
  if (IsSign(at + 2, ')')) {
    return count == 0;
  }
  int depth = 0;
  int commas = 0;
  for (++at; at < words.size(); ++at) {
    depth += IsSign(at, '(') ? 1 : 0;
    depth -= IsSign(at, ')') ? 1 : 0;
    commas += depth == 1 && IsSign(at, ',') ? 1 : 0;
    if (depth == 0) {
      break;
    }
  }
  return commas + 1 == count;
}

TextWords ReadWords(std::string_view text, sql::Dialect dialect) {
  TextWords read;
  sql::Lexer lexer(text, dialect);
  while (!lexer.at_end()) {
    const Token token = lexer.Next();
    const auto piece = text.substr(token.begin, token.end - token.begin);
    TextWord word;
    switch (token.kind) {
      case TokenKind::kSpace:
      case TokenKind::kComment: continue;
      case TokenKind::kWord: word = {TextWord::Kind::kWord, LowerCase(piece)}; break;
      case TokenKind::kName: word = {TextWord::Kind::kName, LowerCase(Unquoted(piece))}; break;
      case TokenKind::kText: word = {TextWord::Kind::kText, LowerCase(Unquoted(piece))}; break;
      case TokenKind::kOther:
        // MariaDB's server reads what is in such a comment.
        read.is_opaque = read.is_opaque || piece.size() > 1;
        word = {TextWord::Kind::kSign, std::string(piece)};
        break;
    }
    // U&"d\0061t\+000061" is a name that is written in numbers.
    const auto size = read.words.size();
    read.is_opaque =
        read.is_opaque || (size >= 2 && read.IsSign(size - 1, '&') &&
                           read.words[size - 2].text == "u" && word.kind != TextWord::Kind::kSign);
    read.words.push_back(std::move(word));
  }
  return read;
}

}  // namespace paddock::runners::server
