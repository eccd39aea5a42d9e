#include "gateway/routes/authoring_routes.h"

#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "gateway/json_body.h"
#include "gateway/routes/directory_forms.h"
#include "gateway/routes/people_forms.h"
#include "questions/authoring.h"
#include "questions/markdown.h"
#include "yaml/document.h"

namespace paddock::gateway {
namespace {

using identity::Action;
using questions::Language;

constexpr std::chrono::seconds kTimeMax{120};  // every answer runs on every dataset
constexpr std::size_t kSchemaIdBytesMax = 64;
constexpr std::string_view kNotTried =
    "The document could not be tried now, and nothing was changed. Try again in a moment.";

struct DocumentBody {
  std::string document;
  std::string schema;
  std::string kind;
  std::int64_t version = 0;
};

enum class DocumentForm : std::uint8_t { kNew, kChange, kValidate };

Result<DocumentBody> ReadDocument(const Request& request, DocumentForm form) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    return Fail(std::move(body).error());
  }
  JsonObject root = body->root();
  DocumentBody read;
  read.document =
      root.RequiredText("document", {.bytes_min = 1, .bytes_max = yaml::kDocumentSizeMax.count});
  if (form == DocumentForm::kChange) {
    read.version = root.RequiredInteger("version", 1, questions::kNumberMax);
  } else {
    read.schema =
        root.OptionalText("schema", {.bytes_min = 0, .bytes_max = kSchemaIdBytesMax}).value_or("");
  }
  if (form == DocumentForm::kValidate) {
    read.kind = root.Choice("kind", "question", {"question", "schema"});
  }
  auto valid = body->Finish();
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return read;
}

void WriteProblems(JsonWriter& out, std::span<const yaml::Problem> problems) {
  out.Key("problems").BeginArray();
  for (const yaml::Problem& problem : problems) {
    out.BeginObject()
        .Field("field", std::string_view(problem.field))
        .Field("line", problem.line)
        .Field("message", std::string_view(problem.message))
        .EndObject();
  }
  out.EndArray();
}

void WritePreview(JsonWriter& out, const questions::CheckedQuestion& checked) {
  out.Key("preview");
  if (!checked.preview) {
    out.Null();
    return;
  }
  const questions::QuestionDocument& document = checked.document;
  out.BeginObject()
      .Field("title", std::string_view(document.title.In(Language::kEnglish)))
      .Field("description_html",
             std::string_view(questions::ToHtml(document.description.In(Language::kEnglish))))
      .Key("references")
      .BeginArray();
  for (const challenges::RunOutcomeRef& outcome : checked.preview->references) {
    WriteOutcome(out, *outcome);
  }
  out.EndArray().Key("wrong").BeginArray();
  for (const questions::WrongPreview& wrong : checked.preview->wrong) {
    out.BeginObject().Key("outcome");
    WriteOutcome(out, *wrong.outcome);
    out.Field("rule", std::string_view(wrong.rule)).EndObject();
  }
  out.EndArray().EndObject();
}

Response QuestionResponse(const Request& request,
                          int status,
                          const Result<questions::BankQuestionRef>& question) {
  if (!question) {
    return ErrorResponse(request, question.error(), kNotTried);
  }
  const store::QuestionRecord& record = (*question)->record;
  JsonWriter out;
  out.BeginObject()
      .Field("number", record.number)
      .Field("slug", std::string_view(record.slug))
      .Field("document", std::string_view(record.document))
      .Field("version", record.version)
      .Field("schema", std::string_view(record.schema_id))
      .EndObject();
  return JsonResponse(status, std::move(out).Take());
}

Response SchemaResponse(const Request& request,
                        int status,
                        const Result<questions::BankSchemaRef>& schema) {
  if (!schema) {
    return ErrorResponse(request, schema.error(), kNotTried);
  }
  const store::QuestionSchemaRecord& record = (*schema)->record;
  JsonWriter out;
  out.BeginObject()
      .Field("id", std::string_view(record.id))
      .Field("document", std::string_view(record.document))
      .Field("version", record.version)
      .EndObject();
  return JsonResponse(status, std::move(out).Take());
}

}  // namespace

void AuthoringRoutes::AddTo(Router& router) {
  const auto add = [&](Method method, const char* pattern, auto handler,
                       BodyKind body = BodyKind::kNone) {
    router.Add({.method = method,
                .pattern = pattern,
                .handler = [this, handler](Request& request) { return (this->*handler)(request); },
                .action = Action::kAuthorQuestions,
                .body = body,
                .body_max = 4_MiB,  // a document may be escaped to several times its size
                .time_max = kTimeMax});
  };
  const auto buffered = BodyKind::kBuffered;
  using Routes = AuthoringRoutes;
  add(Method::kPost, "/api/v1/questions/validate", &Routes::Validate, buffered);
  add(Method::kPost, "/api/v1/questions", &Routes::CreateQuestion, buffered);
  add(Method::kGet, "/api/v1/questions/{number}/document", &Routes::ReadQuestion);
  add(Method::kPut, "/api/v1/questions/{number}", &Routes::ChangeQuestion, buffered);
  add(Method::kDelete, "/api/v1/questions/{number}", &Routes::DeleteQuestion);
  add(Method::kPost, "/api/v1/schemas", &Routes::CreateSchema, buffered);
  add(Method::kGet, "/api/v1/schemas/{schema_id}/document", &Routes::ReadSchema);
  add(Method::kPut, "/api/v1/schemas/{schema_id}", &Routes::ChangeSchema, buffered);
  add(Method::kDelete, "/api/v1/schemas/{schema_id}", &Routes::DeleteSchema);
}

aio::Task<Response> AuthoringRoutes::Validate(Request& request) {
  auto body = ReadDocument(request, DocumentForm::kValidate);
  if (!body) {
    co_return ErrorResponse(request, body.error());
  }
  questions::Authoring& authoring = context_.parts.questions.authoring;
  JsonWriter out;
  out.BeginObject();
  if (body->kind == "schema") {
    auto problems = co_await authoring.CheckSchema(std::move(body->document), request.deadline);
    if (!problems) {
      co_return ErrorResponse(request, problems.error(), kNotTried);
    }
    WriteProblems(out, *problems);
    out.Key("preview").Null();
  } else {
    auto checked = co_await authoring.Check(std::move(body->document), std::move(body->schema),
                                            request.deadline);
    if (!checked) {
      co_return ErrorResponse(request, checked.error(), kNotTried);
    }
    WriteProblems(out, checked->problems);
    WritePreview(out, *checked);
  }
  out.EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> AuthoringRoutes::CreateQuestion(Request& request) {
  auto body = ReadDocument(request, DocumentForm::kNew);
  if (!body) {
    co_return ErrorResponse(request, body.error());
  }
  auto made = co_await context_.parts.questions.authoring.CreateQuestion(
      AuditContextOf(request), std::move(body->document), std::move(body->schema),
      request.deadline);
  Response response = QuestionResponse(request, 201, made);
  if (made) {
    response.Set("Location", fmt::format("/api/v1/questions/{}", (*made)->record.number));
  }
  co_return response;
}

aio::Task<Response> AuthoringRoutes::ReadQuestion(Request& request) {
  auto found = co_await FindQuestion(context_, request);
  co_return QuestionResponse(request, 200, found);
}

aio::Task<Result<questions::BankQuestionRef>> AuthoringRoutes::FindEditable(
    const Request& request) {
  auto found = co_await FindQuestion(context_, request);
  if (found) {
    auto allowed =
        identity::Check(PrincipalOf(request), Action::kAuthorQuestions,
                        questions::RelationTo((*found)->record.author, PrincipalOf(request).user));
    if (!allowed) {
      co_return Fail(std::move(allowed).error());
    }
  }
  co_return found;
}

aio::Task<Response> AuthoringRoutes::ChangeQuestion(Request& request) {
  auto body = ReadDocument(request, DocumentForm::kChange);
  if (!body) {
    co_return ErrorResponse(request, body.error());
  }
  auto found = co_await FindEditable(request);
  if (!found) {
    co_return ErrorResponse(request, found.error());
  }
  auto changed = co_await context_.parts.questions.authoring.ChangeQuestion(
      AuditContextOf(request), *std::move(found), std::move(body->document), body->version,
      request.deadline);
  co_return QuestionResponse(request, 200, changed);
}

aio::Task<Response> AuthoringRoutes::DeleteQuestion(Request& request) {
  auto found = co_await FindEditable(request);
  if (!found) {
    co_return ErrorResponse(request, found.error());
  }
  auto deleted = co_await context_.parts.questions.authoring.DeleteQuestion(
      AuditContextOf(request), *std::move(found), request.deadline);
  co_return Answer(request, deleted);
}

aio::Task<Response> AuthoringRoutes::CreateSchema(Request& request) {
  auto body = ReadDocument(request, DocumentForm::kNew);
  if (!body) {
    co_return ErrorResponse(request, body.error());
  }
  auto made = co_await context_.parts.questions.authoring.CreateSchema(
      AuditContextOf(request), std::move(body->document), request.deadline);
  co_return SchemaResponse(request, 201, made);
}

aio::Task<Result<questions::BankSchemaRef>> AuthoringRoutes::FindSchema(const Request& request,
                                                                        bool is_change) {
  auto catalogue = co_await context_.parts.questions.bank.Get(request.deadline);
  if (!catalogue) {
    co_return Fail(std::move(catalogue).error());
  }
  const auto found = (*catalogue)->schemas.find(request.Parameter("schema_id"));
  if (found == (*catalogue)->schemas.end()) {
    co_return Fail(Code::kNotFound, "There is no such schema.");
  }
  if (is_change) {
    auto allowed = identity::Check(
        PrincipalOf(request), Action::kAuthorQuestions,
        questions::RelationTo(found->second->record.author, PrincipalOf(request).user));
    if (!allowed) {
      co_return Fail(std::move(allowed).error());
    }
  }
  co_return found->second;
}

aio::Task<Response> AuthoringRoutes::ReadSchema(Request& request) {
  auto found = co_await FindSchema(request, false);
  co_return SchemaResponse(request, 200, found);
}

aio::Task<Response> AuthoringRoutes::ChangeSchema(Request& request) {
  auto body = ReadDocument(request, DocumentForm::kChange);
  if (!body) {
    co_return ErrorResponse(request, body.error());
  }
  auto found = co_await FindSchema(request, true);
  if (!found) {
    co_return ErrorResponse(request, found.error());
  }
  auto changed = co_await context_.parts.questions.authoring.ChangeSchema(
      AuditContextOf(request), *std::move(found), std::move(body->document), body->version,
      request.deadline);
  co_return SchemaResponse(request, 200, changed);
}

aio::Task<Response> AuthoringRoutes::DeleteSchema(Request& request) {
  auto found = co_await FindSchema(request, true);
  if (!found) {
    co_return ErrorResponse(request, found.error());
  }
  auto deleted = co_await context_.parts.questions.authoring.DeleteSchema(
      AuditContextOf(request), *std::move(found), request.deadline);
  co_return Answer(request, deleted);
}

}  // namespace paddock::gateway
