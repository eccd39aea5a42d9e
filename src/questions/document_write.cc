// Writing documents: as YAML that people like to read, where the text allows it.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/json_text.h"
#include "questions/document.h"

namespace paddock::questions {
namespace {

/// A block shows a text as it is; what it could not give back to the byte is quoted.
bool FitsBlock(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || text.ends_with("\n\n") ||
      text.starts_with(' ') || text.starts_with('\n') || text.starts_with('\t')) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    // Besides controls: U+0080 to U+009F, U+2028 and its neighbours, and a byte order mark.
    if ((c < ' ' && c != '\n') || c == 0x7F || c == 0xC2 || text.substr(i, 2) == "\xE2\x80" ||
        text.substr(i, 3) == "\xEF\xBB\xBF") {
      return false;
    }
  }
  return true;
}

std::string Quoted(std::string_view text) {
  std::string quoted;
  AppendJsonText(quoted, text);
  return quoted;
}

class Writer {
 public:
  /// `lead` is what stands before the value: "title:", "  -".
  void Value(std::string_view lead, std::string_view text) {
    out_ += lead;
    if (!FitsBlock(text)) {
      out_.append(" ").append(Quoted(text)).append("\n");
      return;
    }
    const std::size_t indent = lead.find_first_not_of(' ') + 2;
    out_ += text.ends_with('\n') ? " |\n" : " |-\n";
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      if (end > 0) {
        out_.append(indent, ' ').append(text.substr(0, end));
      }
      out_ += '\n';
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  void Optional(std::string_view lead, std::string_view text) {
    if (!text.empty()) {
      Value(lead, text);
    }
  }
  void Line(std::string_view line) { out_.append(line).append("\n"); }
  void Texts(std::string_view key, const Text& text) {
    if (text.chinese.empty()) {
      Optional(fmt::format("{}:", key), text.english);
      return;
    }
    Line(fmt::format("{}:", key));
    Optional("  en:", text.english);
    Optional("  zh:", text.chinese);
  }
  void List(std::string_view key, const std::vector<std::string>& items) {
    if (items.empty()) {
      return;
    }
    Line(fmt::format("{}:", key));
    for (const std::string& item : items) {
      Value("  -", item);
    }
  }

  [[nodiscard]] std::string Take() && { return std::move(out_); }

 private:
  std::string out_;
};

std::string_view RowsName(const std::optional<challenges::RowOrder>& rows) {
  if (!rows) {
    return "auto";
  }
  switch (*rows) {
    case challenges::RowOrder::kExact: return "exact";
    case challenges::RowOrder::kKeys: return "keys";
    case challenges::RowOrder::kAny: return "any";
  }
  return "auto";
}

std::string_view NamesName(challenges::ColumnNames names) {
  switch (names) {
    case challenges::ColumnNames::kExact: return "exact";
    case challenges::ColumnNames::kAnyCase: return "any_case";
    case challenges::ColumnNames::kIgnored: return "ignored";
  }
  return "any_case";
}

void WriteCompare(Writer& out, const CompareRules& rules) {
  out.Line("compare:");
  out.Line(fmt::format("  rows: {}", RowsName(rules.rows)));
  out.Line(fmt::format("  names: {}", NamesName(rules.names)));
  out.Line(fmt::format("  columns: {}",
                       rules.columns == challenges::ColumnOrder::kAny ? "any" : "exact"));
  out.Line(fmt::format("  tolerance: {}", rules.tolerance));
  out.Line(fmt::format("  trim: {}", rules.trim));
}

void WriteHints(Writer& out, const std::vector<Text>& hints) {
  if (hints.empty()) {
    return;
  }
  out.Line("hints:");
  for (const Text& hint : hints) {
    out.Value("  - en:", hint.english);
    out.Optional("    zh:", hint.chinese);
  }
}

void WriteWrong(Writer& out, const std::vector<WrongAnswer>& answers) {
  if (answers.empty()) {
    return;
  }
  out.Line("wrong:");
  for (const WrongAnswer& answer : answers) {
    out.Line(fmt::format("  - query: {}", Quoted(answer.query)));
    if (!answer.feedback.empty()) {
      out.Line("    feedback:");
      out.Optional("      en:", answer.feedback.english);
      out.Optional("      zh:", answer.feedback.chinese);
    }
  }
}

}  // namespace

std::string WriteSchema(const SchemaDocument& document) {
  Writer out;
  out.Line(fmt::format("id: {}", document.id));
  out.Texts("title", document.title);
  out.Texts("description", document.description);
  out.Optional("picture:", document.picture);
  out.Line(fmt::format("engine: {}", sql::Name(document.engine)));
  out.Optional("sql:", document.script);
  out.Optional("data_sql:", document.data);
  out.List("hidden_sql", document.hidden);
  return std::move(out).Take();
}

std::string WriteQuestion(const QuestionDocument& document) {
  Writer out;
  out.Line(fmt::format("id: {}", document.id));
  if (document.number > 0) {
    out.Line(fmt::format("number: {}", document.number));
  }
  out.Optional("schema:", document.schema);
  out.Texts("title", document.title);
  out.Texts("description", document.description);
  out.Line(fmt::format("difficulty: {}", Name(document.difficulty)));
  out.Texts("category", document.category);
  out.Line(fmt::format("points: {}", document.points));
  out.Line(fmt::format("visibility: {}", document.visibility));
  WriteHints(out, document.hints);
  out.Texts("solution", document.solution);
  out.Optional("video:", document.video);
  out.Optional("starter:", document.starter);
  if (document.shims != 0) {
    out.Line("shims:");
    for (const std::string_view name : NamesOf(document.shims)) {
      out.Line(fmt::format("  - {}", name));
    }
  }
  out.List("references", document.references);
  WriteCompare(out, document.compare);
  out.Line(fmt::format("show_expected: {}", document.show_expected));
  WriteWrong(out, document.wrong);
  out.List("check", document.checks);
  return std::move(out).Take();
}

}  // namespace paddock::questions
