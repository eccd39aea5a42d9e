// Reading documents; their words are in document.cc and their writing in document_write.cc.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.h"
#include "questions/document.h"
#include "questions/document_text.h"
#include "questions/visibility.h"

namespace paddock::questions {
namespace {

using yaml::Fields;
using yaml::Node;
using yaml::Problems;

constexpr std::array<std::int64_t, 3> kPointsByDifficulty{10, 20, 30};

constexpr std::string_view kNotStorable = "must be UTF-8 without a zero byte";

struct TextRule {
  std::size_t bytes_max = kMarkdownBytesMax;
  bool required = false;
  bool one_line = false;
};

/// Texts of a document are shown and stored: what no database can keep is refused. Escapes in YAML
/// can make it.
bool IsStorable(std::string_view text) {
  return text.find('\0') == std::string_view::npos && IsValidUtf8(text);
}

void CheckText(const std::string& text,
               const TextRule& rule,
               int line,
               const std::string& path,
               Problems& problems) {
  if (text.size() > rule.bytes_max) {
    problems.Add(line, path, fmt::format("is longer than {} bytes", rule.bytes_max));
  } else if (rule.one_line && text.find('\n') != std::string::npos) {
    problems.Add(line, path, "must be one line");
  } else if (!IsStorable(text)) {
    problems.Add(line, path, kNotStorable);
  }
}

/// A text, or a map of languages to texts.
Text ReadText(const Node& node, const std::string& path, const TextRule& rule, Problems& problems) {
  Text text;
  if (node.kind == Node::Kind::kScalar) {
    text.english = node.scalar;
    CheckText(node.scalar, rule, node.line, path, problems);
  } else {
    Fields fields(node, path, {"en", "zh"}, problems);
    text.english = fields.Text("en").value_or("");
    text.chinese = fields.Text("zh").value_or("");
    CheckText(text.english, rule, node.line, path + ".en", problems);
    CheckText(text.chinese, rule, node.line, path + ".zh", problems);
  }
  if (rule.required && text.empty()) {
    problems.Add(node.line, path, "must not be empty");
  }
  return text;
}

/// The same of a field, which may be absent where it is not required.
Text TextOf(const Node& map, std::string_view key, const TextRule& rule, Problems& problems) {
  const Node* node = map.Find(key);
  if (node == nullptr) {
    if (rule.required) {
      problems.Add(map.line, key, "is missing");
    }
    return {};
  }
  return ReadText(*node, std::string(key), rule, problems);
}

/// The items of a list of at most `count_max`; none when it is absent or too long.
std::vector<const Node*> ItemsOf(Fields& fields, std::string_view key, std::size_t count_max) {
  std::vector<const Node*> items;
  const Node* list = fields.List(key);
  if (list == nullptr) {
    return items;
  }
  if (list->items.size() > count_max) {
    fields.Reject(key, fmt::format("has more than {} items", count_max));
    return items;
  }
  for (const Node& item : list->items) {
    items.push_back(&item);
  }
  return items;
}

std::string QueryOf(const Node& item, const std::string& path, Problems& problems) {
  if (item.kind != Node::Kind::kScalar ||
      item.scalar.find_first_not_of(" \t\r\n") == std::string::npos) {
    problems.Add(item.line, path, "must be a query");
    return {};
  }
  CheckText(item.scalar, {.bytes_max = kQueryBytesMax}, item.line, path, problems);
  return item.scalar;
}

bool ReadTruth(Fields& fields, std::string_view key, bool fallback) {
  const auto text = fields.Text(key);
  if (text && *text != "true" && *text != "false") {
    fields.Reject(key, "must be true or false");
  }
  return text ? *text == "true" : fallback;
}

template <class Value>
Value ReadChoice(Fields& fields,
                 std::string_view key,
                 Value fallback,
                 std::initializer_list<std::pair<std::string_view, Value>> choices) {
  const auto text = fields.Text(key);
  if (!text) {
    return fallback;
  }
  std::string names;
  for (const auto& [name, value] : choices) {
    if (name == *text) {
      return value;
    }
    names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
  }
  fields.Reject(key, fmt::format("must be one of {}", names));
  return fallback;
}

std::string ReadId(Fields& fields) {
  std::string id = fields.RequiredText("id");
  if (!id.empty() && !IsSlug(id)) {
    fields.Reject("id", "must be 1 to 64 of a-z, 0-9 and -");
  }
  return id;
}

/// An address that a page may link to.
std::string ReadAddress(Fields& fields, std::string_view key) {
  std::string address = fields.Text(key).value_or("");
  const bool is_sound =
      address.starts_with("https://") && address.size() <= kAddressBytesMax &&
      std::ranges::all_of(address, [](unsigned char c) { return c > ' ' && c != 0x7F; });
  if (!address.empty() && !is_sound) {
    fields.Reject(key,
                  fmt::format("must be an https:// address of at most {} bytes", kAddressBytesMax));
  }
  return address;
}

/// The text beside `inline_key`, or that of the file that `file_key` names.
std::string ReadScript(Fields& fields,
                       std::string_view file_key,
                       std::string_view inline_key,
                       const FileReader& files) {
  auto text = fields.Text(inline_key);
  if (text && !IsStorable(*text)) {
    fields.Reject(inline_key, kNotStorable);
  }
  const auto file = fields.Text(file_key);
  if (text && file) {
    fields.Reject(inline_key, fmt::format("and {} exclude each other", file_key));
  }
  if (!file) {
    return std::move(text).value_or("");
  }
  if (!files) {
    fields.Reject(file_key, fmt::format("names a file: write its text as {}", inline_key));
    return {};
  }
  auto read = ReadNamed(files, *file);
  if (!read) {
    fields.Reject(file_key, read.error().message);
    return {};
  }
  return *std::move(read);
}

void ReadHidden(Fields& fields,
                const FileReader& files,
                Problems& problems,
                SchemaDocument& schema) {
  for (const Node* item : ItemsOf(fields, "hidden_sql", kHiddenDatasetsMax)) {
    if (!IsStorable(item->scalar)) {
      problems.Add(item->line, "hidden_sql", kNotStorable);
    }
    schema.hidden.push_back(item->scalar);
  }
  for (const Node* item : ItemsOf(fields, "hidden", kHiddenDatasetsMax)) {
    auto read = files ? ReadNamed(files, item->scalar)
                      : Result<std::string>(
                            Fail(Code::kInvalid, "names a file: write its text in hidden_sql"));
    if (read) {
      schema.hidden.push_back(*std::move(read));
    } else {
      problems.Add(item->line, "hidden", read.error().message);
    }
  }
  if (schema.hidden.size() > kHiddenDatasetsMax) {
    fields.Reject("hidden", fmt::format("has more than {} items", kHiddenDatasetsMax));
  }
}

CompareRules ReadCompare(const Node& node, Problems& problems) {
  Fields fields(node, "compare", {"rows", "names", "columns", "tolerance", "trim"}, problems);
  CompareRules rules;
  using challenges::ColumnNames;
  using challenges::ColumnOrder;
  using challenges::RowOrder;
  using Rows = std::optional<RowOrder>;
  rules.rows = ReadChoice<Rows>(fields, "rows", std::nullopt,
                                {{"any", RowOrder::kAny},
                                 {"keys", RowOrder::kKeys},
                                 {"exact", RowOrder::kExact},
                                 {"auto", std::nullopt}});
  rules.names = ReadChoice(fields, "names", ColumnNames::kAnyCase,
                           {{"any_case", ColumnNames::kAnyCase},
                            {"exact", ColumnNames::kExact},
                            {"ignored", ColumnNames::kIgnored}});
  rules.columns = ReadChoice(fields, "columns", ColumnOrder::kExact,
                             {{"exact", ColumnOrder::kExact}, {"any", ColumnOrder::kAny}});
  if (const auto text = fields.Text("tolerance")) {
    const char* end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, rules.tolerance);
    if (error != std::errc() || stop != end || !(rules.tolerance >= 0 && rules.tolerance < 1)) {
      fields.Reject("tolerance", "must be a number from 0 to below 1");
      rules.tolerance = 0;
    }
  }
  rules.trim = ReadTruth(fields, "trim", false);
  return rules;
}

void ReadWrong(Fields& fields, Problems& problems, QuestionDocument& question) {
  for (const Node* item : ItemsOf(fields, "wrong", kWrongAnswersMax)) {
    const std::string path = fmt::format("wrong[{}]", question.wrong.size());
    question.lines.emplace(path, item->line);
    Fields wrong(*item, path, {"query", "feedback"}, problems);
    const Node* query = item->Find("query");
    WrongAnswer answer;
    if (query == nullptr) {
      wrong.Reject("query", "is missing");
    } else {
      answer.query = QueryOf(*query, path + ".query", problems);
    }
    if (const Node* feedback = item->Find("feedback")) {
      answer.feedback = ReadText(*feedback, path + ".feedback", {}, problems);
    }
    question.wrong.push_back(std::move(answer));
  }
}

void ReadQueries(Fields& fields,
                 std::string_view key,
                 std::size_t count_max,
                 Problems& problems,
                 std::vector<std::string>& queries,
                 std::map<std::string, int>& lines) {
  for (const Node* item : ItemsOf(fields, key, count_max)) {
    const std::string path = fmt::format("{}[{}]", key, queries.size());
    lines.emplace(path, item->line);
    queries.push_back(QueryOf(*item, path, problems));
  }
}

void ReadShims(Fields& fields, Problems& problems, QuestionDocument& question) {
  for (const Node* item : ItemsOf(fields, "shims", 16)) {
    const auto shim = ParseShim(item->scalar);
    if (!shim) {
      problems.Add(item->line, "shims",
                   "knows YEAR, MONTH, DAY, IF, CONCAT, LEFT and RIGHT, in capitals");
    }
    question.shims |= shim.value_or(0);
    question.lines.emplace("shims", item->line);
  }
}

void ReadNumbers(Fields& fields, QuestionDocument& question) {
  if (const auto number = fields.Number("number")) {
    question.number = static_cast<std::int64_t>(*number);
    if (*number == 0 || *number > static_cast<std::uint64_t>(kNumberMax)) {
      fields.Reject("number", fmt::format("must be from 1 to {}", kNumberMax));
    }
  }
  const auto difficulty = ParseDifficulty(fields.RequiredText("difficulty"));
  if (!difficulty) {
    fields.Reject("difficulty", "must be easy, medium or hard");
  }
  question.difficulty = difficulty.value_or(Difficulty::kEasy);
  const auto points = fields.Number("points");
  if (points && *points > static_cast<std::uint64_t>(kPointsMax)) {
    fields.Reject("points", fmt::format("must be from 0 to {}", kPointsMax));
  }
  question.points = points ? static_cast<std::int64_t>(*points)
                           : kPointsByDifficulty.at(static_cast<std::size_t>(question.difficulty));
}

void ReadAnswers(Fields& fields, Problems& problems, QuestionDocument& question) {
  ReadQueries(fields, "references", kReferencesMax, problems, question.references, question.lines);
  if (question.references.empty()) {
    fields.Reject("references", "needs the query of a right answer");
  }
  ReadQueries(fields, "check", kChecksMax, problems, question.checks, question.lines);
  ReadWrong(fields, problems, question);
  ReadShims(fields, problems, question);
  if (const Node* compare = fields.Map("compare")) {
    question.compare = ReadCompare(*compare, problems);
  }
  question.show_expected = ReadTruth(fields, "show_expected", true);
}

void ReadTexts(const Node& node, Fields& fields, Problems& problems, QuestionDocument& question) {
  question.title = TextOf(
      node, "title", {.bytes_max = kTitleBytesMax, .required = true, .one_line = true}, problems);
  question.description = TextOf(node, "description", {.required = true}, problems);
  question.category =
      TextOf(node, "category", {.bytes_max = kCategoryBytesMax, .required = true, .one_line = true},
             problems);
  for (const Node* hint : ItemsOf(fields, "hints", kHintsMax)) {
    question.hints.push_back(ReadText(*hint, fmt::format("hints[{}]", question.hints.size()),
                                      {.required = true}, problems));
  }
  question.solution = TextOf(node, "solution", {}, problems);
  question.video = ReadAddress(fields, "video");
  question.starter = fields.Text("starter").value_or("");
  CheckText(question.starter, {.bytes_max = kQueryBytesMax}, node.line, "starter", problems);
  question.visibility = fields.Text("visibility").value_or(std::string(kEveryone));
  if (!IsVisibility(question.visibility)) {
    fields.Reject("visibility", "must be everyone, accounts, teachers or class: and its id");
  }
}

}  // namespace

SchemaDocument ParseSchema(std::string_view text, const FileReader& files, Problems& problems) {
  SchemaDocument schema;
  const auto node = ReadDocument(text, problems);
  if (!node) {
    return schema;
  }
  Fields fields(*node, "",
                {"id", "title", "description", "picture", "engine", "script", "sql", "data",
                 "data_sql", "hidden", "hidden_sql"},
                problems);
  if (node->kind != Node::Kind::kMap) {
    return schema;
  }
  schema.id = ReadId(fields);
  schema.title = TextOf(
      *node, "title", {.bytes_max = kTitleBytesMax, .required = true, .one_line = true}, problems);
  schema.description = TextOf(*node, "description", {}, problems);
  schema.picture = ReadAddress(fields, "picture");
  const auto engine = sql::ParseDialect(fields.Text("engine").value_or("sqlite"));
  if (!engine || *engine == sql::Dialect::kKwdb) {
    fields.Reject("engine", "must be sqlite, postgres or mariadb");
  }
  schema.engine = engine.value_or(sql::Dialect::kSqlite);
  schema.script = ReadScript(fields, "script", "sql", files);
  schema.data = ReadScript(fields, "data", "data_sql", files);
  ReadHidden(fields, files, problems, schema);
  const bool has_script = node->Find("script") != nullptr || !schema.script.empty();
  if (!has_script && node->Find("data") == nullptr && schema.data.empty()) {
    fields.Reject("sql", "needs the definitions of the schema");
  }
  return schema;
}

QuestionDocument ParseQuestion(std::string_view text, Problems& problems) {
  QuestionDocument question;
  const auto node = ReadDocument(text, problems);
  if (!node) {
    return question;
  }
  Fields fields(*node, "",
                {"id", "number", "schema", "title", "description", "difficulty", "category",
                 "points", "visibility", "hints", "solution", "video", "starter", "shims",
                 "references", "compare", "show_expected", "wrong", "check"},
                problems);
  if (node->kind != Node::Kind::kMap) {
    return question;
  }
  question.id = ReadId(fields);
  question.schema = fields.Text("schema").value_or("");
  if (!question.schema.empty() && !IsSlug(question.schema)) {
    fields.Reject("schema", "must be the id of a schema");
  }
  ReadTexts(*node, fields, problems, question);
  ReadNumbers(fields, question);
  ReadAnswers(fields, problems, question);
  return question;
}

}  // namespace paddock::questions
