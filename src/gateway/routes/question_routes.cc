#include "gateway/routes/question_routes.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "gateway/routes/directory_forms.h"
#include "gateway/routes/page_query.h"
#include "gateway/routes/question_list.h"
#include "questions/markdown.h"
#include "questions/schema_tables.h"

namespace paddock::gateway {
namespace {

using identity::Action;
using questions::BankQuestion;
using questions::Language;

void WriteMarkdown(JsonWriter& out, const std::string& text) {
  out.Field("text", std::string_view(text))
      .Field("html", std::string_view(questions::ToHtml(text)));
}

void WriteTables(JsonWriter& out, const std::vector<questions::SchemaTable>& tables) {
  out.Key("tables").BeginArray();
  for (const questions::SchemaTable& table : tables) {
    out.BeginObject().Field("name", std::string_view(table.name)).Key("columns").BeginArray();
    for (const auto& [name, type] : table.columns) {
      out.BeginObject()
          .Field("name", std::string_view(name))
          .Field("type", std::string_view(type))
          .EndObject();
    }
    out.EndArray().Key("keys").BeginArray();
    for (const questions::SchemaKey& key : table.keys) {
      out.BeginObject()
          .Field("kind", key.to_table ? std::string_view("foreign") : std::string_view("primary"))
          .Key("columns")
          .BeginArray();
      for (const std::string& column : key.columns) {
        out.Text(column);
      }
      out.EndArray();
      WriteNullable(out, "to_table", key.to_table);
      out.Key("to_columns").BeginArray();
      for (const std::string& column : key.to_columns) {
        out.Text(column);
      }
      out.EndArray().EndObject();
    }
    out.EndArray().EndObject();
  }
  out.EndArray();
}

void WriteCompare(JsonWriter& out, const questions::CompareRules& rules, bool is_ordered) {
  using challenges::RowOrder;
  const auto rows = rules.rows.value_or(is_ordered ? RowOrder::kKeys : RowOrder::kAny);
  out.Key("compare").BeginObject();
  out.Field("rows", rows == RowOrder::kExact ? "exact" : rows == RowOrder::kKeys ? "keys" : "any");
  out.Field("names", rules.names == challenges::ColumnNames::kExact     ? "exact"
                     : rules.names == challenges::ColumnNames::kAnyCase ? "any_case"
                                                                        : "ignored");
  out.Field("columns", rules.columns == challenges::ColumnOrder::kExact ? "exact" : "any");
  out.EndObject();
}

/// The columns that the reference gives; none when it cannot be run now, which reading survives.
void WriteExpectedColumns(JsonWriter& out,
                          const BankQuestion& question,
                          const Result<challenges::RunOutcomeRef>& expected) {
  out.Key("expected_columns").BeginArray();
  const auto* const result =
      expected ? questions::ResultOf(**expected, question.document().changes_data()) : nullptr;
  if (result != nullptr && !question.document().changes_data()) {
    for (const sql::Column& column : result->columns) {
      out.Text(column.name);
    }
  }
  out.EndArray();
  const bool is_ordered =
      result != nullptr &&
      questions::PolicyOf(*question.runnable, *result).rows != challenges::RowOrder::kAny;
  WriteCompare(out, question.document().compare, is_ordered);
}

/// What is in the document, in one language.
void WriteQuestionTexts(JsonWriter& out, const BankQuestion& question, Language language) {
  const questions::QuestionDocument& document = question.document();
  const std::string& description = document.description.In(language);
  out.Field("number", question.record.number)
      .Field("slug", std::string_view(document.id))
      .Field("title", std::string_view(document.title.In(language)))
      .Field("description", std::string_view(description))
      .Field("description_html", std::string_view(questions::ToHtml(description)))
      .Field("difficulty", Name(document.difficulty))
      .Field("category", std::string_view(document.category.In(language)))
      .Field("engine", sql::Name(question.schema->document.engine))
      .Field("points", document.points)
      .Field("hints_count", document.hints.size())
      .Field("show_expected", document.show_expected)
      .Field("changes_data", document.changes_data())
      .Field("starter", std::string_view(document.starter))
      .Field("version", question.record.version)
      .Key("shims")
      .BeginArray();
  for (const std::string_view shim : questions::NamesOf(document.shims)) {
    out.Text(shim);
  }
  out.EndArray();
}

void WriteProgressFields(JsonWriter& out, const store::ProgressRecord& progress, bool is_editable) {
  out.Field("solved", progress.passed)
      .Field("attempted", progress.submission_count > 0)
      .Field("gave_up", progress.gave_up)
      .Field("hints_opened", progress.hints_opened)
      .Field("solution_available", progress.passed || progress.gave_up || is_editable)
      .Field("editable", is_editable);
  WriteNullable(out, "last_query", progress.last_query);
}

}  // namespace

void QuestionRoutes::AddTo(Router& router) {
  const auto add = [&](Method method, const char* pattern, Action action, auto handler) {
    router.Add({.method = method,
                .pattern = pattern,
                .handler = [this, handler](Request& request) { return (this->*handler)(request); },
                .action = action});
  };
  using Routes = QuestionRoutes;
  add(Method::kGet, "/api/v1/schemas", Action::kReadSchemas, &Routes::ListSchemas);
  add(Method::kGet, "/api/v1/schemas/{schema_id}", Action::kReadSchemas, &Routes::GetSchema);
  add(Method::kGet, "/api/v1/questions", Action::kReadQuestions, &Routes::List);
  add(Method::kGet, "/api/v1/questions/{number}", Action::kReadQuestions, &Routes::Get);
  add(Method::kGet, "/api/v1/questions/{number}/hints/{hint}", Action::kReadQuestions,
      &Routes::Hint);
  add(Method::kGet, "/api/v1/questions/{number}/solution", Action::kReadSolutions,
      &Routes::Solution);
  add(Method::kPost, "/api/v1/questions/{number}/give-up", Action::kChallenge, &Routes::GiveUp);
  add(Method::kGet, "/api/v1/questions/{number}/expected", Action::kReadQuestions,
      &Routes::Expected);
}

aio::Task<Response> QuestionRoutes::ListSchemas(Request& request) {
  auto language = ReadLanguage(request);
  if (!language) {
    co_return ErrorResponse(request, language.error());
  }
  auto view = co_await ViewBank(context_, request);
  if (!view) {
    co_return ErrorResponse(request, view.error());
  }
  std::vector<questions::BankSchemaRef> schemas;
  for (const auto& [id, schema] : view->catalogue->schemas) {
    schemas.push_back(schema);
  }
  std::ranges::sort(schemas, {}, [&](const questions::BankSchemaRef& schema) {
    return std::pair(schema->document.title.In(*language), schema->document.id);
  });
  JsonWriter out;
  out.BeginObject().Key("schemas").BeginArray();
  for (const questions::BankSchemaRef& schema : schemas) {
    out.BeginObject();
    WriteSchemaFields(out, *schema, CountOf(*view, schema->document.id), *language);
    out.EndObject();
  }
  out.EndArray().EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> QuestionRoutes::GetSchema(Request& request) {
  auto language = ReadLanguage(request);
  if (!language) {
    co_return ErrorResponse(request, language.error());
  }
  auto view = co_await ViewBank(context_, request);
  if (!view) {
    co_return ErrorResponse(request, view.error());
  }
  const auto found = view->catalogue->schemas.find(request.Parameter("schema_id"));
  if (found == view->catalogue->schemas.end()) {
    co_return ErrorResponse(request,
                            {.code = Code::kNotFound, .message = "There is no such schema."});
  }
  const questions::BankSchemaRef schema = found->second;
  auto tables = co_await questions::TablesOf(context_.parts.questions.runner,
                                             schema->datasets.front(), request.deadline);
  if (!tables) {
    co_return ErrorResponse(request, tables.error(), kNotGraded);
  }
  JsonWriter out;
  out.BeginObject();
  WriteSchemaFields(out, *schema, CountOf(*view, schema->document.id), *language);
  WriteTables(out, *tables);
  if (view->reader.may_author) {
    out.Field("script", std::string_view(schema->datasets.front()->script));
  }
  out.EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> QuestionRoutes::List(Request& request) {
  auto query = ReadQuestionQuery(request);
  if (!query) {
    co_return ErrorResponse(request, query.error());
  }
  auto view = co_await ViewBank(context_, request);
  if (!view) {
    co_return ErrorResponse(request, view.error());
  }
  questions::Attempts& attempts = context_.parts.questions.attempts;
  auto progress = co_await attempts.Progress(CallerOf(request), request.deadline);
  if (!progress) {
    co_return ErrorResponse(request, progress.error());
  }
  auto counts = co_await attempts.PassCounts(request.deadline);
  if (!counts) {
    co_return ErrorResponse(request, counts.error());
  }
  const QuestionListing listing{.visible = view->catalogue->VisibleTo(view->reader),
                                .progress = *std::move(progress),
                                .counts = *std::move(counts)};
  co_return JsonResponse(200, WriteQuestionList(listing, *query));
}

aio::Task<Response> QuestionRoutes::Get(Request& request) {
  auto language = ReadLanguage(request);
  if (!language) {
    co_return ErrorResponse(request, language.error());
  }
  auto question = co_await FindQuestion(context_, request);
  if (!question) {
    co_return ErrorResponse(request, question.error());
  }
  const BankQuestion& found = **question;
  auto view = co_await ViewBank(context_, request);
  if (!view) {
    co_return ErrorResponse(request, view.error());
  }
  auto progress = co_await context_.parts.questions.attempts.ProgressWith(
      CallerOf(request), found.record.number, request.deadline);
  if (!progress) {
    co_return ErrorResponse(request, progress.error());
  }
  auto expected =
      co_await context_.parts.questions.grader.Expected(found.runnable, 0, request.deadline);
  JsonWriter out;
  out.BeginObject();
  WriteQuestionTexts(out, found, *language);
  WriteExpectedColumns(out, found, expected);
  WriteProgressFields(out, *progress, MayEdit(request, found.record.author));
  out.Key("schema");
  if (identity::Check(PrincipalOf(request), Action::kReadSchemas, identity::Relation::kOther)) {
    out.BeginObject();
    WriteSchemaFields(out, *found.schema, CountOf(*view, found.record.schema_id), *language);
    out.EndObject();
  } else {
    out.Null();
  }
  out.EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> QuestionRoutes::Hint(Request& request) {
  auto language = ReadLanguage(request);
  if (!language) {
    co_return ErrorResponse(request, language.error());
  }
  auto question = co_await FindQuestion(context_, request);
  if (!question) {
    co_return ErrorResponse(request, question.error());
  }
  const auto& hints = (*question)->document().hints;
  const auto number = ParseNumber(request.Parameter("hint"));
  if (!number || static_cast<std::size_t>(*number) > hints.size()) {
    co_return ErrorResponse(request,
                            {.code = Code::kNotFound, .message = "There is no such hint."});
  }
  auto opened = co_await context_.parts.questions.attempts.OpenHint(
      CallerOf(request), (*question)->record.number, *number, request.deadline);
  if (!opened) {
    co_return ErrorResponse(request, opened.error());
  }
  JsonWriter out;
  out.BeginObject();
  WriteMarkdown(out, hints[static_cast<std::size_t>(*number) - 1].In(*language));
  out.EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> QuestionRoutes::Solution(Request& request) {
  auto language = ReadLanguage(request);
  if (!language) {
    co_return ErrorResponse(request, language.error());
  }
  auto allowed = identity::RequireScope(PrincipalOf(request), identity::Scope::kReadQuestion);
  if (!allowed) {
    co_return ErrorResponse(request, allowed.error());
  }
  auto question = co_await FindQuestion(context_, request);
  if (!question) {
    co_return ErrorResponse(request, question.error());
  }
  const BankQuestion& found = **question;
  auto progress = co_await context_.parts.questions.attempts.ProgressWith(
      CallerOf(request), found.record.number, request.deadline);
  if (!progress) {
    co_return ErrorResponse(request, progress.error());
  }
  if (!progress->passed && !progress->gave_up && !MayEdit(request, found.record.author)) {
    co_return ErrorResponse(
        request, {.code = Code::kDenied,
                  .message = "Solve the question first, or give it up: then it is shown."});
  }
  const questions::QuestionDocument& document = found.document();
  JsonWriter out;
  out.BeginObject();
  WriteMarkdown(out, document.solution.In(*language));
  WriteNullable(out, "video",
                document.video.empty() ? std::nullopt : std::optional(document.video));
  out.Key("references").BeginArray();
  for (const std::string& reference : document.references) {
    out.Text(reference);
  }
  out.EndArray().EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> QuestionRoutes::GiveUp(Request& request) {
  auto question = co_await FindQuestion(context_, request);
  if (!question) {
    co_return ErrorResponse(request, question.error());
  }
  auto given_up = co_await context_.parts.questions.attempts.GiveUp(
      CallerOf(request), (*question)->record.number, request.deadline);
  co_return Answer(request, given_up);
}

aio::Task<Response> QuestionRoutes::Expected(Request& request) {
  auto question = co_await FindQuestion(context_, request);
  if (!question) {
    co_return ErrorResponse(request, question.error());
  }
  const BankQuestion& found = **question;
  if (!found.document().show_expected) {
    co_return ErrorResponse(
        request, {.code = Code::kNotFound, .message = "This question does not show its result."});
  }
  auto expected =
      co_await context_.parts.questions.grader.Expected(found.runnable, 0, request.deadline);
  if (!expected) {
    co_return ErrorResponse(request, expected.error(), kNotGraded);
  }
  const challenges::ResultSet nothing{.columns = {}, .rows = sql::Rows()};
  const auto* const result = questions::ResultOf(**expected, found.document().changes_data());
  JsonWriter out;
  WriteResultSet(out, result == nullptr ? nothing : *result);
  co_return JsonResponse(200, std::move(out).Take());
}

}  // namespace paddock::gateway
