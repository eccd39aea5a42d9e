#include "questions/seed.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "questions/document.h"
#include "questions/seed_rows.h"
#include "questions/visibility.h"

namespace paddock::questions {
namespace {

// What its runner offers beyond SQLite's own and Debian's SQLite can parse.
constexpr challenges::ShimSet kSeedShims = static_cast<challenges::ShimSet>(
    static_cast<unsigned>(challenges::Shim::kYear) |
    static_cast<unsigned>(challenges::Shim::kMonth) |
    static_cast<unsigned>(challenges::Shim::kDay) | static_cast<unsigned>(challenges::Shim::kIf) |
    static_cast<unsigned>(challenges::Shim::kConcat));

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
  const std::string id = row.At("SCHEMA_ID");
  return {.id = SlugOf(id),
          .title = {.english = FirstLine(id)},
          .description = {.english = row.At("DESCRIPTION")},
          .picture = AddressOf(row.At("PICTURE")),
          .script = row.At("INITIAL_SQL"),
          .data = {},
          .hidden = {}};
}

/// `place` is the row's, for one that has no number.
QuestionDocument QuestionOf(const SeedRow& row, std::size_t place) {
  QuestionDocument question;
  const std::string number = row.At("QUESTION_ID");
  const std::string type = row.At("TYPE");
  question.id = number.empty() ? fmt::format("{}-{}", SlugOf(row.At("SCHEMA_ID")), place)
                               : "question-" + SlugOf(number);
  std::from_chars(number.data(), number.data() + number.size(), question.number);
  question.schema = SlugOf(row.At("SCHEMA_ID"));
  question.title.english = FirstLine(row.At("TITLE"));
  question.description.english = row.At("DESCRIPTION");
  if (question.description.empty()) {
    question.description = question.title;
  }
  question.category.english = type.empty() ? std::string("General") : FirstLine(type);
  question.difficulty = ParseDifficulty(row.At("DIFFICULTY")).value_or(Difficulty::kEasy);
  question.points = (static_cast<std::int64_t>(question.difficulty) + 1) * 10;
  question.visibility = kEveryone;
  question.video = AddressOf(row.At("SOLUTION_VIDEO"));
  question.shims = kSeedShims;
  question.references = {row.At("ANSWER")};
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
  const std::string file = fmt::format("{} (schema {})", row.place, row.At("SCHEMA_ID"));
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
      fmt::format("{} (question {}, {})", row.place, row.At("QUESTION_ID"), question.title.english);
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

Result<Sources> ParseSeed(const std::vector<SourceFile>& files) {
  std::size_t bytes = 0;
  for (const SourceFile& file : files) {
    bytes += file.text.size();
  }
  if (bytes > kSeedBytesMax) {
    return Fail(Code::kInvalid, fmt::format("the seed is larger than {} bytes", kSeedBytesMax));
  }
  const auto rows = ReadSeedRows(files);
  if (!rows) {
    return Fail(rows.error());
  }
  if (rows->schemas.empty() && rows->questions.empty()) {
    return Fail(Code::kInvalid, "the seed inserts nothing into dp_schemas or dp_questions");
  }
  Sources sources;
  for (const SeedRow& row : rows->schemas) {
    AddSchema(row, sources);
  }
  for (std::size_t i = 0; i < rows->questions.size(); ++i) {
    AddQuestion(rows->questions[i], i + 1, sources);
  }
  return sources;
}

}  // namespace paddock::questions
