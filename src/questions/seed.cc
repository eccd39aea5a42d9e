#include "questions/seed.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "questions/document.h"
#include "questions/sql_tokens.h"
#include "questions/visibility.h"

namespace paddock::questions {
namespace {

using Tokens = std::span<const Token>;
using SeedRow = std::map<std::string, std::string, std::less<>>;  // NULL is absent

constexpr std::string_view kSchemas = "DP_SCHEMAS";
constexpr std::string_view kQuestions = "DP_QUESTIONS";
constexpr std::string_view kSchemaColumns = "SCHEMA_ID,PICTURE,DESCRIPTION,INITIAL_SQL";
constexpr std::string_view kQuestionColumns =
    "QUESTION_ID,SCHEMA_ID,TYPE,DIFFICULTY,TITLE,DESCRIPTION,ANSWER,SOLUTION_VIDEO";
// What its runner offers beyond SQLite's own and Debian's SQLite can parse.
constexpr challenges::ShimSet kSeedShims = static_cast<challenges::ShimSet>(
    static_cast<unsigned>(challenges::Shim::kYear) |
    static_cast<unsigned>(challenges::Shim::kMonth) |
    static_cast<unsigned>(challenges::Shim::kDay) | static_cast<unsigned>(challenges::Shim::kIf) |
    static_cast<unsigned>(challenges::Shim::kConcat));

bool IsWord(const Token& token, std::string_view word) {
  return token.kind == Token::Kind::kWord && token.text == word;
}
bool IsSymbol(const Token& token, char symbol) {
  return token.kind == Token::Kind::kSymbol && token.text[0] == symbol;
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return upper;
}

std::vector<std::string> SplitNames(std::string_view names) {
  std::vector<std::string> split;
  while (!names.empty()) {
    const auto end = std::min(names.find(','), names.size());
    split.emplace_back(names.substr(0, end));
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return split;
}

class SeedReader {
 public:
  explicit SeedReader(Tokens tokens) : tokens_(tokens) {}

  Result<void> Run() {
    while (at_ < tokens_.size()) {
      if (IsWord(tokens_[at_], "INSERT")) {
        if (auto read = Insert(); !read) {
          return read;
        }
      } else {
        ++at_;
      }
    }
    return {};
  }

  std::vector<SeedRow> schemas;
  std::vector<SeedRow> questions;

 private:
  [[nodiscard]] bool Takes(auto is_wanted) {
    if (at_ < tokens_.size() && is_wanted(tokens_[at_])) {
      ++at_;
      return true;
    }
    return false;
  }
  [[nodiscard]] bool TakesWord(std::string_view word) {
    return Takes([word](const Token& token) { return IsWord(token, word); });
  }
  [[nodiscard]] bool TakesSymbol(char symbol) {
    return Takes([symbol](const Token& token) { return IsSymbol(token, symbol); });
  }

  /// INSERT INTO [schema.]table [(columns)] VALUES (…), (…)
  Result<void> Insert() {
    ++at_;
    if (!TakesWord("INTO")) {
      return {};
    }
    const std::string table = TableName();
    const bool is_schema = table == kSchemas;
    if (!is_schema && table != kQuestions) {
      return {};
    }
    auto columns = SplitNames(is_schema ? kSchemaColumns : kQuestionColumns);
    if (TakesSymbol('(')) {
      columns = Names();
    }
    while (at_ < tokens_.size() && !IsWord(tokens_[at_], "VALUES") &&
           !IsSymbol(tokens_[at_], ';')) {
      ++at_;  // OVERRIDING SYSTEM VALUE
    }
    if (!TakesWord("VALUES")) {
      return {};
    }
    do {
      if (!TakesSymbol('(')) {
        break;
      }
      auto row = RowOf(columns);
      if (schemas.size() + questions.size() == kSeedRowsMax) {
        return Fail(Code::kInvalid, fmt::format("the seed has more than {} rows", kSeedRowsMax));
      }
      (is_schema ? schemas : questions).push_back(std::move(row));
    } while (TakesSymbol(','));
    return {};
  }

  std::string TableName() {
    std::string name;
    while (at_ < tokens_.size() && (tokens_[at_].kind == Token::Kind::kWord ||
                                    tokens_[at_].kind == Token::Kind::kQuotedName)) {
      name = Upper(tokens_[at_++].text);
      if (!TakesSymbol('.')) {
        break;
      }
    }
    return name;
  }

  // After the opening bracket.
  std::vector<std::string> Names() {
    std::vector<std::string> names;
    while (at_ < tokens_.size() && !IsSymbol(tokens_[at_], ')')) {
      if (tokens_[at_].kind != Token::Kind::kSymbol) {
        names.push_back(Upper(tokens_[at_].text));
      }
      ++at_;
    }
    static_cast<void>(TakesSymbol(')'));
    return names;
  }

  // After the opening bracket, to the closing one. A value is its first token: what comes after is
  // a cast, or makes it an expression that means nothing here.
  SeedRow RowOf(const std::vector<std::string>& columns) {
    SeedRow row;
    const int depth = at_ < tokens_.size() ? tokens_[at_].depth : 0;
    for (std::size_t column = 0; at_ < tokens_.size(); ++column) {
      const Token& value = tokens_[at_];
      if (IsSymbol(value, ')') && value.depth < depth) {
        break;
      }
      if (column < columns.size() &&
          (value.kind == Token::Kind::kString || value.kind == Token::Kind::kNumber)) {
        row.emplace(columns[column], value.text);
      }
      while (at_ < tokens_.size() &&
             !(tokens_[at_].depth == depth && IsSymbol(tokens_[at_], ',')) &&
             !(tokens_[at_].depth < depth && IsSymbol(tokens_[at_], ')'))) {
        ++at_;
      }
      static_cast<void>(TakesSymbol(','));
    }
    static_cast<void>(TakesSymbol(')'));
    return row;
  }

  Tokens tokens_;
  std::size_t at_ = 0;
};

std::string At(const SeedRow& row, std::string_view column) {
  const auto found = row.find(column);
  return found == row.end() ? std::string() : found->second;
}

/// An id as ours are, of one that may be anything.
std::string SlugOf(std::string_view text) {
  std::string slug;
  for (const char c : text.substr(0, 48)) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool is_fine = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    slug += is_fine ? lower : '-';
  }
  return slug;
}

std::string AddressOf(const std::string& text) {
  return text.starts_with("https://") && text.size() <= kAddressBytesMax ? text : std::string();
}

std::string FirstLine(std::string_view text) {
  return std::string(text.substr(0, std::min({text.find('\n'), text.size(), kTitleBytesMax})));
}

SchemaDocument SchemaOf(const SeedRow& row) {
  const std::string id = At(row, "SCHEMA_ID");
  return {.id = SlugOf(id),
          .title = {.english = FirstLine(id)},
          .description = {.english = At(row, "DESCRIPTION")},
          .picture = AddressOf(At(row, "PICTURE")),
          .script = At(row, "INITIAL_SQL"),
          .data = {},
          .hidden = {}};
}

/// `place` is the row's, for one that has no number.
QuestionDocument QuestionOf(const SeedRow& row, std::size_t place) {
  QuestionDocument question;
  const std::string number = At(row, "QUESTION_ID");
  const std::string type = At(row, "TYPE");
  question.id = number.empty() ? fmt::format("{}-{}", SlugOf(At(row, "SCHEMA_ID")), place)
                               : "question-" + SlugOf(number);
  std::from_chars(number.data(), number.data() + number.size(), question.number);
  question.schema = SlugOf(At(row, "SCHEMA_ID"));
  question.title.english = FirstLine(At(row, "TITLE"));
  question.description.english = At(row, "DESCRIPTION");
  if (question.description.empty()) {
    question.description = question.title;
  }
  question.category.english = type.empty() ? std::string("General") : FirstLine(type);
  question.difficulty = ParseDifficulty(At(row, "DIFFICULTY")).value_or(Difficulty::kEasy);
  question.points = (static_cast<std::int64_t>(question.difficulty) + 1) * 10;
  question.visibility = kEveryone;
  question.video = AddressOf(At(row, "SOLUTION_VIDEO"));
  question.shims = kSeedShims;
  question.references = {At(row, "ANSWER")};
  return question;
}

/// Read again, as everybody's documents are.
template <class Parse>
bool IsSound(const std::string& document, std::string file, Parse parse, Sources& sources) {
  yaml::Problems problems(file);
  parse(document, problems);
  for (const yaml::Problem& problem : problems.list()) {
    sources.problems.push_back(fmt::format("{}: {}: {}", file, problem.field, problem.message));
  }
  return problems.empty();
}

void AddSchema(const SeedRow& row, Sources& sources) {
  const auto schema = SchemaOf(row);
  auto document = WriteSchema(schema);
  const std::string file = "schema " + At(row, "SCHEMA_ID");
  const auto parse = [](const std::string& text, yaml::Problems& problems) {
    static_cast<void>(ParseSchema(text, nullptr, problems));
  };
  if (IsSound(document, file, parse, sources)) {
    sources.schemas.push_back({.id = schema.id, .document = std::move(document), .file = file});
  }
}

void AddQuestion(const SeedRow& row, std::size_t place, Sources& sources) {
  const auto question = QuestionOf(row, place);
  auto document = WriteQuestion(question);
  const std::string file =
      fmt::format("question {} ({})", At(row, "QUESTION_ID"), question.title.english);
  const auto parse = [](const std::string& text, yaml::Problems& problems) {
    static_cast<void>(ParseQuestion(text, problems));
  };
  if (IsSound(document, file, parse, sources)) {
    sources.questions.push_back({.id = question.id,
                                 .schema = question.schema,
                                 .number = question.number,
                                 .document = std::move(document),
                                 .file = file});
  }
}

}  // namespace

Result<Sources> ParseSeed(std::string_view text) {
  if (text.size() > kSeedBytesMax) {
    return Fail(Code::kInvalid, fmt::format("the seed is larger than {} bytes", kSeedBytesMax));
  }
  const auto tokens = Tokenize(text, sql::Dialect::kPostgres);
  SeedReader reader(tokens);
  if (auto read = reader.Run(); !read) {
    return Fail(std::move(read).error());
  }
  if (reader.schemas.empty() && reader.questions.empty()) {
    return Fail(Code::kInvalid, "the seed inserts nothing into dp_schemas or dp_questions");
  }
  Sources sources;
  for (const SeedRow& row : reader.schemas) {
    AddSchema(row, sources);
  }
  for (std::size_t i = 0; i < reader.questions.size(); ++i) {
    AddQuestion(reader.questions[i], i + 1, sources);
  }
  return sources;
}

}  // namespace paddock::questions
