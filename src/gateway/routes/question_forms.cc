#include "gateway/routes/question_forms.h"

#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "gateway/routes/directory_forms.h"
#include "questions/authoring.h"
#include "questions/markdown.h"

namespace paddock::gateway {
namespace {

using questions::Language;

Error NoQuestion() { return {.code = Code::kNotFound, .message = "There is no such question."}; }

std::string_view KindOf(sql::CellType type) {
  switch (type) {
    case sql::CellType::kInteger: return "integer";
    case sql::CellType::kReal: return "real";
    case sql::CellType::kDecimal: return "decimal";
    case sql::CellType::kNull:
    case sql::CellType::kText: return "text";
    case sql::CellType::kBytes: return "bytes";
    case sql::CellType::kBoolean: return "boolean";
    case sql::CellType::kTime: return "time";
    case sql::CellType::kOther: return "other";
  }
  return "other";
}

/// Of a column: what its cells are, where a database types cells and not columns.
std::string_view KindOf(const challenges::ResultSet& result, std::size_t column) {
  for (std::size_t row = 0; row < result.rows.row_count(); ++row) {
    const auto cell = result.rows.At(row, column);
    if (!cell.is_null()) {
      return KindOf(cell.type);
    }
  }
  return KindOf(result.columns[column].cell_type);
}

void WriteLimit(JsonWriter& out, challenges::LimitHit limit) {
  out.Key("limit");
  switch (limit) {
    case challenges::LimitHit::kNone: out.Null(); return;
    case challenges::LimitHit::kTime: out.Text("time"); return;
    case challenges::LimitHit::kRows: out.Text("rows"); return;
    case challenges::LimitHit::kBytes: out.Text("bytes"); return;
    case challenges::LimitHit::kCell: out.Text("cell"); return;
    case challenges::LimitHit::kMemory: out.Text("memory"); return;
    case challenges::LimitHit::kResults: out.Text("results"); return;
  }
}

struct RuleWords {
  std::string_view rule;
  std::string_view english;
  std::string_view chinese;
};

constexpr auto kRuleWords = std::to_array<RuleWords>({
    {"same", "Right.", "正确。"},
    {"no_result", "The query gives no table: end it with a SELECT.",
     "查询没有返回结果：请以 SELECT 结尾。"},
    {"column_count", "The number of columns is another one than is asked for.",
     "列的数量与要求不符。"},
    {"column_names", "The names of the columns are others than are asked for.", "列名与要求不符。"},
    {"column_order", "The right columns, in another order.", "列正确，但顺序不对。"},
    {"row_count", "The number of rows is another one than is asked for.", "行数与要求不符。"},
    {"row_order", "The right rows, in another order: look at ORDER BY.",
     "行正确，但顺序不对：请检查 ORDER BY。"},
    {"rounding", "Only the rounding of numbers differs.", "只有数字的舍入不同。"},
    {"cells", "Some values differ.", "有些值不同。"},
    {"state", "The data that is left is not what is asked for.", "执行后的数据与要求不符。"},
    {"error", "The database could not run the query.", "数据库无法执行该查询。"},
    {"limit", "The query was stopped by a limit.", "查询因超出限制而停止。"},
    {"known_wrong", "Not yet: this is a common mistake.", "还不对：这是一个常见错误。"},
    {"hidden_dataset",
     "Right on the data that you see, and not on other data: do not rely on what happens to be in "
     "it.",
     "在可见的数据上正确，但在其他数据上不正确：不要依赖数据的巧合。"},
});

std::string MessageOf(const questions::Grade& grade, Language language) {
  if (!grade.feedback.empty()) {
    return grade.feedback.In(language);
  }
  for (const RuleWords& words : kRuleWords) {
    if (words.rule == grade.rule) {
      return std::string(language == Language::kChinese ? words.chinese : words.english);
    }
  }
  return {};
}

void WriteCell(JsonWriter& out, JsonName name, const std::optional<std::string>& text) {
  WriteNullable(out, name, text);
}

void WriteFirst(JsonWriter& out,
                const std::optional<challenges::CellDifference>& first,
                bool shows_expected) {
  out.Key("first");
  if (!first) {
    out.Null();
    return;
  }
  out.BeginObject().Field("row", first->row).Field("column", first->column);
  if (shows_expected) {
    WriteCell(out, "expected", first->expected);
  }
  WriteCell(out, "actual", first->actual);
  out.EndObject();
}

void WritePlaces(JsonWriter& out, JsonName name, const std::vector<std::size_t>& places) {
  out.Key(name).BeginArray();
  for (const std::size_t place : places) {
    out.Integer(place);
  }
  out.EndArray();
}

/// What each check of a task that changes data found: the learner's side is in the outcome.
void WriteChecks(JsonWriter& out, const VerdictView& view, bool shows_expected) {
  const auto& checks = view.grade.checks;
  const auto& expected = view.grade.reference->checks;
  out.Key("checks").BeginArray();
  for (std::size_t i = 0; i < checks.size(); ++i) {
    out.BeginObject()
        .Field("query", std::string_view(view.document.checks[i]))
        .Field("rule", challenges::Name(checks[i].rule))
        .Field("missing_rows", checks[i].missing_rows)
        .Field("extra_rows", checks[i].extra_rows);
    WritePlaces(out, "missing", checks[i].missing);
    WritePlaces(out, "extra", checks[i].extra);
    out.Key("expected");
    if (checks[i].same() || !shows_expected) {
      out.Null();
    } else {
      WriteResultSet(out, expected[i]);
    }
    out.EndObject();
  }
  out.EndArray();
}

}  // namespace

Result<Language> ReadLanguage(const Request& request) {
  const auto text = request.Query("lang");
  if (!text || text->empty()) {
    return Language::kEnglish;
  }
  const auto language = questions::ParseLanguage(*text);
  if (!language) {
    return Fail(Code::kInvalid, "lang must be en or zh");
  }
  return *language;
}

std::optional<std::int64_t> ParseNumber(std::string_view text) noexcept {
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number =
      error == std::errc() && stop == text.data() + text.size() && !text.starts_with('0');
  return is_number && number > 0 ? std::optional(number) : std::nullopt;
}

namespace {

questions::Reader ReaderOf(const identity::Principal& caller) {
  return {.role = caller.role,
          .may_author =
              identity::Check(caller, identity::Action::kAuthorQuestions, identity::Relation::kOwn)
                  .has_value()};
}

// Only examinations ask for a reader's classes.
bool AsksForClasses(const questions::Catalogue& catalogue, const questions::Reader& reader) {
  return catalogue.has_class_questions && !reader.may_author && reader.role > Role::kGuest;
}

// The view, when nothing has to be asked for it.
std::optional<BankView> TryViewBank(const ApiContext& context, const Request& request) {
  auto catalogue = context.parts.questions.bank.Fresh();
  auto reader = ReaderOf(PrincipalOf(request));
  if (catalogue == nullptr || AsksForClasses(*catalogue, reader)) {
    return std::nullopt;
  }
  return BankView{.catalogue = std::move(catalogue), .reader = std::move(reader)};
}

}  // namespace

aio::Task<Result<BankView>> ViewBank(ApiContext& context, const Request& request) {
  const identity::Principal& caller = PrincipalOf(request);
  auto catalogue = co_await context.parts.questions.bank.Get(request.deadline);
  if (!catalogue) {
    co_return Fail(std::move(catalogue).error());
  }
  questions::Reader reader = ReaderOf(caller);
  if (AsksForClasses(**catalogue, reader)) {
    auto mine = co_await context.parts.identity.classes.ListMine(caller.user, request.deadline);
    if (!mine) {
      co_return Fail(std::move(mine).error());
    }
    for (const store::ClassRecord& record : *mine) {
      reader.classes.insert(record.id.value());
    }
  }
  co_return BankView{.catalogue = *std::move(catalogue), .reader = std::move(reader)};
}

aio::Task<Result<questions::BankQuestionRef>> FindQuestion(ApiContext& context,
                                                           const Request& request) {
  const auto number = ParseNumber(request.Parameter("number"));
  if (!number) {
    co_return Fail(NoQuestion());
  }
  auto view = TryViewBank(context, request);
  if (!view) {
    auto asked = co_await ViewBank(context, request);
    if (!asked) {
      co_return Fail(std::move(asked).error());
    }
    view = *std::move(asked);
  }
  auto question = view->catalogue->Find(*number, view->reader);
  if (question == nullptr) {
    co_return Fail(NoQuestion());
  }
  co_return question;
}

bool MayEdit(const Request& request, const std::optional<UserId>& author) {
  const identity::Principal& caller = PrincipalOf(request);
  return identity::Check(caller, identity::Action::kAuthorQuestions,
                         questions::RelationTo(author, caller.user))
      .has_value();
}

std::int64_t CountOf(const BankView& view, std::string_view schema) {
  std::int64_t count = 0;
  for (const auto& [number, question] : view.catalogue->questions) {
    count += question->record.schema_id == schema &&
                     questions::IsVisible(question->record.visibility, view.reader)
                 ? 1
                 : 0;
  }
  return count;
}

void WriteSchemaFields(JsonWriter& out,
                       const questions::BankSchema& schema,
                       std::int64_t question_count,
                       Language language) {
  const questions::SchemaDocument& document = schema.document;
  const std::string& description = document.description.In(language);
  out.Field("id", std::string_view(document.id))
      .Field("title", std::string_view(document.title.In(language)))
      .Field("description", std::string_view(description))
      .Field("description_html", std::string_view(questions::ToHtml(description)))
      .Field("engine", sql::Name(document.engine));
  WriteNullable(out, "picture",
                document.picture.empty() ? std::nullopt : std::optional(document.picture));
  out.Field("question_count", question_count);
}

void WriteResultSet(JsonWriter& out, const challenges::ResultSet& result) {
  out.Reserve(result.rows.byte_count());
  out.BeginObject().Key("columns").BeginArray();
  for (std::size_t i = 0; i < result.columns.size(); ++i) {
    out.BeginObject()
        .Field("name", std::string_view(result.columns[i].name))
        .Field("type", std::string_view(result.columns[i].type))
        .Field("kind", KindOf(result, i))
        .EndObject();
  }
  out.EndArray().Key("rows").BeginArray();
  for (std::size_t row = 0; row < result.rows.row_count(); ++row) {
    out.BeginArray();
    for (std::size_t column = 0; column < result.rows.column_count(); ++column) {
      const auto cell = result.rows.At(row, column);
      if (cell.is_null()) {
        out.Null();
      } else {
        out.Text(cell.text);
      }
    }
    out.EndArray();
  }
  out.EndArray().EndObject();
}

void WriteOutcome(JsonWriter& out, const challenges::RunOutcome& outcome) {
  out.BeginObject().Key("results").BeginArray();
  for (const challenges::ResultSet& result : outcome.results) {
    WriteResultSet(out, result);
  }
  out.EndArray().Key("checks").BeginArray();
  for (const challenges::ResultSet& check : outcome.checks) {
    WriteResultSet(out, check);
  }
  out.EndArray().Key("error");
  if (outcome.error) {
    out.BeginObject()
        .Field("code", std::string_view(outcome.error->code))
        .Field("message", std::string_view(outcome.error->message))
        .Field("hint", std::string_view(outcome.error->hint))
        .Key("position");
    if (outcome.error->position) {
      out.Integer(*outcome.error->position);
    } else {
      out.Null();
    }
    out.EndObject();
  } else {
    out.Null();
  }
  WriteLimit(out, outcome.limit);
  out.Field("time_us", outcome.time.count())
      .Field("cached", outcome.cached)
      .Field("engine_version", std::string_view(outcome.engine_version))
      .EndObject();
}

void WriteVerdict(JsonWriter& out, const VerdictView& view) {
  const questions::Grade& grade = view.grade;
  const challenges::Verdict& verdict = grade.verdict;
  const bool shows_expected = view.document.show_expected && view.may_read_question;
  out.BeginObject()
      .Field("rule", std::string_view(grade.rule))
      .Field("message", std::string_view(MessageOf(grade, view.language)));
  WriteFirst(out, verdict.first, shows_expected);
  out.Field("missing_rows", verdict.missing_rows).Field("extra_rows", verdict.extra_rows);
  WritePlaces(out, "missing", verdict.missing);
  WritePlaces(out, "extra", verdict.extra);
  out.Key("expected");
  const auto* const expected = questions::ResultOf(*grade.reference, view.document.changes_data());
  if (grade.passed() || !shows_expected || expected == nullptr) {
    out.Null();
  } else {
    WriteResultSet(out, *expected);
  }
  WriteChecks(out, view, shows_expected);
  out.Field("dataset", grade.rule == questions::rules::kHiddenDataset ? 1 : 0).EndObject();
}

}  // namespace paddock::gateway
