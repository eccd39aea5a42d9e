// Feeds arbitrary texts to the splitter, in every dialect, and checks that statements lie in order
// inside the text, and that nothing but spaces, comments and delimiters lies between them.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "sql/lexer.h"
#include "sql/splitter.h"

namespace paddock::sql {
namespace {

constexpr std::size_t kFewStatements = 3;

bool HasDelimiterCommand(Dialect dialect) {
  return dialect == Dialect::kMariadb || dialect == Dialect::kKwdb;
}

void CheckTokens(std::string_view text, Dialect dialect) {
  Lexer lexer(text, dialect);
  while (!lexer.at_end()) {
    const auto before = lexer.position();
    const Token token = lexer.Next();
    PADDOCK_CHECK(token.begin == before && token.end > before && token.end <= text.size());
    PADDOCK_CHECK(token.end == lexer.position());
  }
}

// Between statements there is nothing that a database would read.
void CheckGap(std::string_view gap, Dialect dialect) {
  Lexer lexer(gap, dialect);
  while (!lexer.at_end()) {
    const Token token = lexer.Next();
    PADDOCK_CHECK(token.kind == TokenKind::kSpace || token.kind == TokenKind::kComment ||
                  gap[token.begin] == ';');
  }
}

void CheckSpans(std::string_view text, Dialect dialect, std::size_t statements_max) {
  std::size_t last = 0;
  const auto spans = Split(text, dialect, statements_max);
  PADDOCK_CHECK(spans.size() <= statements_max);
  for (const StatementSpan& span : spans) {
    PADDOCK_CHECK(span.begin >= last && span.begin < span.end && span.end <= text.size());
    PADDOCK_CHECK(!IsSpace(text[span.begin]));
    if (!HasDelimiterCommand(dialect)) {
      CheckGap(text.substr(last, span.begin - last), dialect);
    }
    last = span.end;
  }
  if (!HasDelimiterCommand(dialect)) {
    CheckGap(text.substr(last), dialect);
  }
}

}  // namespace
}  // namespace paddock::sql

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace paddock::sql;  // NOLINT(google-build-using-namespace): it is a whole program
  // The fuzzer's bytes are text here.
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);  // NOLINT
  for (int i = 0; i <= static_cast<int>(kLastDialect); ++i) {
    const auto dialect = static_cast<Dialect>(i);
    CheckTokens(text, dialect);
    CheckSpans(text, dialect, size + 1);
    CheckSpans(text, dialect, kFewStatements);
  }
  return 0;
}
