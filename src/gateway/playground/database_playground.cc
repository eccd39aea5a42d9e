#include "gateway/playground/database_playground.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "gateway/assets.h"
#include "gateway/json_body.h"
#include "gateway/playground/answers.h"
#include "gateway/playground/spending.h"

namespace paddock::gateway {
namespace {

using identity::Scope;

constexpr std::string_view kDescription = "/database-playground/openapi/openapi.yaml";
constexpr std::string_view kReader = "/openapi/docs/index.html";
constexpr std::string_view kFailedQuery = "Failed to execute query (not user-side error).";
constexpr std::string_view kQuestionGone = "Question not found.";
constexpr std::string_view kChallengeGone = "Challenge not found or is expired.";

struct ChallengeForm {
  std::int64_t question = 0;
  std::string query;
};

// A field too many is no mistake here: its clients were never held to that.
Result<ChallengeForm> ReadChallenge(const Request& request) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    return Fail(std::move(body).error());
  }
  JsonObject root = body->root();
  ChallengeForm form;
  const auto id = root.OptionalText("questionID", {});
  auto question = NumberOf(id.value_or(""), "Invalid question ID.");
  if (!question) {
    return Fail(std::move(question).error());
  }
  form.question = *question;
  form.query = root.OptionalText("query", {.bytes_max = 64U << 10U}).value_or("");
  if (form.query.empty()) {
    return Fail(Code::kInvalid, "Query is empty.");
  }
  return form;
}

/// Not found in the words of its model, all else as everywhere.
Response Missing(const Request& request,
                 const Error& error,
                 std::string_view not_found,
                 std::string_view failed) {
  return error.code == Code::kNotFound ? StatusResponse(request, 404, not_found)
                                       : ErrorResponse(request, error, failed);
}

Response SayAlive(Request& /*request*/) { return Response{}; }

Response ServeFile(Request& request, std::string_view path) {
  const Asset* asset = FindAsset(EmbeddedAssets(), path);
  return asset == nullptr ? StatusResponse(request, 404, "There is nothing here.")
                          : ServeAsset(request, *asset);
}

/// Of a server that only has this gateway: the scripts of the reader.
Response ServeReaderFile(Request& request) {
  const std::string_view path =
      request.path.starts_with("/assets/") ? std::string_view(request.path) : "";
  return ServeFile(request, path);
}

Route Public(std::string pattern, InstantHandler answer) {
  Route route;
  route.pattern = std::move(pattern);
  route.answer = std::move(answer);
  route.access = Access::kPublic;
  return route;
}

}  // namespace

void DatabasePlayground::AddTo(Router& router, std::string_view prefix) {
  using Member = aio::Task<Response> (DatabasePlayground::*)(Request&);
  const auto add = [this, &router, prefix](Method method, std::string_view path, Member member) {
    Route route;
    route.method = method;
    route.pattern = fmt::format("{}{}", prefix, path);
    route.handler = [this, member](Request& request) { return (this->*member)(request); };
    route.access = Access::kOptional;  // the model has words of its own for who is missing
    route.body = method == Method::kPost ? BodyKind::kBuffered : BodyKind::kNone;
    route.body_max = 128_KiB;
    router.Add(std::move(route));
  };
  add(Method::kGet, "/questions", &DatabasePlayground::ListQuestions);
  add(Method::kGet, "/questions/{id}", &DatabasePlayground::GetQuestion);
  add(Method::kGet, "/questions/{id}/solution", &DatabasePlayground::GetSolution);
  add(Method::kGet, "/schemas/{id}", &DatabasePlayground::GetSchema);
  add(Method::kPost, "/challenges", &DatabasePlayground::MakeChallenge);
  add(Method::kGet, "/challenges/{id}", &DatabasePlayground::GetChallenge);
  add(Method::kGet, "/challenges/{id}/compare", &DatabasePlayground::Compare);
  router.Add(Public(fmt::format("{}/healthz", prefix), SayAlive));
  router.Add(Public(fmt::format("{}/openapi/openapi.yaml", prefix),
                    [](Request& request) { return ServeFile(request, kDescription); }));
  for (const std::string_view path : {"/openapi/docs", "/openapi/docs/"}) {
    router.Add(Public(fmt::format("{}{}", prefix, path),
                      [](Request& request) { return ServeFile(request, kReader); }));
  }
  if (prefix.empty()) {
    router.SetFallback(ServeReaderFile);
  }
}

aio::Task<Response> DatabasePlayground::ListQuestions(Request& request) {
  if (auto refusal = CheckToken(request, {Scope::kReadQuestion})) {
    co_return *std::move(refusal);
  }
  const auto cursor = CursorOf(request);
  if (!cursor) {
    co_return ErrorResponse(request, cursor.error());
  }
  auto questions = co_await parts_.questions.ListQuestions(*cursor, request.deadline);
  if (!questions) {
    co_return ErrorResponse(request, questions.error(), "Failed to fetch questions.");
  }
  co_return JsonResponse(200, QuestionsJson(*questions));
}

aio::Task<Response> DatabasePlayground::GetQuestion(Request& request) {
  if (auto refusal = CheckToken(request, {Scope::kReadQuestion})) {
    co_return *std::move(refusal);
  }
  const auto id = NumberOf(request.Parameter("id"), "Invalid ID.");
  if (!id) {
    co_return ErrorResponse(request, id.error());
  }
  auto question = co_await parts_.questions.GetQuestion(*id, request.deadline);
  if (!question) {
    co_return Missing(request, question.error(), kQuestionGone, "Failed to fetch question.");
  }
  co_return JsonResponse(200, QuestionJson(*question));
}

aio::Task<Response> DatabasePlayground::GetSolution(Request& request) {
  if (auto refusal = CheckToken(request, {Scope::kReadQuestion, Scope::kReadSolution})) {
    co_return *std::move(refusal);
  }
  const auto id = NumberOf(request.Parameter("id"), "Invalid ID.");
  if (!id) {
    co_return ErrorResponse(request, id.error());
  }
  auto video = co_await parts_.questions.GetQuestionSolution(*id, request.deadline);
  if (!video) {
    co_return Missing(request, video.error(), "Solution not found.", "Failed to fetch solution.");
  }
  JsonWriter out;
  out.BeginObject().Field("id", std::string_view(std::to_string(*id))).Key("solution_video");
  if (*video) {
    out.Text(**video);
  } else {
    out.Null();
  }
  out.EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> DatabasePlayground::GetSchema(Request& request) {
  if (auto refusal = CheckToken(request, {Scope::kReadSchema})) {
    co_return *std::move(refusal);
  }
  std::string id(request.Parameter("id"));
  auto schema = co_await parts_.questions.GetSchema(std::move(id), request.deadline);
  if (!schema) {
    co_return Missing(request, schema.error(), "Schema not found.", "Failed to fetch schema.");
  }
  co_return JsonResponse(200, SchemaJson(*schema));
}

aio::Task<Response> DatabasePlayground::MakeChallenge(Request& request) {
  if (auto refusal = CheckToken(request, {Scope::kChallenge})) {
    co_return *std::move(refusal);
  }
  auto form = ReadChallenge(request);
  if (!form) {
    co_return ErrorResponse(request, form.error());
  }
  const UserId user = request.caller->user();
  if (auto within = SpendRun(parts_.runs, user.value(), request); !within) {
    co_return ErrorResponse(request, within.error());
  }
  auto question = co_await parts_.questions.GetQuestion(form->question, request.deadline);
  if (!question) {
    co_return Missing(request, question.error(), kQuestionGone, "Failed to fetch question.");
  }
  auto script =
      co_await parts_.questions.GetSchemaInitialSql(question->schema_id, request.deadline);
  if (!script) {
    co_return Missing(request, script.error(), "Schema not found.", "Failed to fetch schema.");
  }
  auto ran =
      co_await parts_.runner.RunQuery(*std::move(script), std::move(form->query), request.deadline);
  if (!ran) {
    co_return ErrorResponse(request, ran.error(), kFailedQuery);
  }
  if (!ran->error.empty()) {
    co_return StatusResponse(request, 422, ran->error);
  }
  if (ran->id.empty() || ran->id.size() > kOutputIdBytesMax) {
    const Error error{.code = Code::kInternal, .message = "the runner's id of an output is none"};
    co_return ErrorResponse(request, error, kFailedQuery);
  }
  const ChallengeId challenge{.question = form->question, .output = std::move(ran->id)};
  JsonWriter out;
  out.BeginObject().Field("challengeID", std::string_view(ids_.Write(challenge, user))).EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

Result<ChallengeId> DatabasePlayground::ChallengeOf(const Request& request) const {
  return ids_.Read(request.Parameter("id"), request.caller->user());
}

aio::Task<Response> DatabasePlayground::GetChallenge(Request& request) {
  if (auto refusal = CheckToken(request, {Scope::kChallenge})) {
    co_return *std::move(refusal);
  }
  auto challenge = ChallengeOf(request);
  if (!challenge) {
    co_return ErrorResponse(request, challenge.error());
  }
  auto output =
      co_await parts_.runner.RetrieveQuery(std::move(challenge->output), request.deadline);
  if (!output) {
    co_return Missing(request, output.error(), kChallengeGone, "Failed to retrieve challenge.");
  }
  co_return JsonResponse(200, OutputJson(**output));
}

aio::Task<Response> DatabasePlayground::Compare(Request& request) {
  if (auto refusal = CheckToken(request, {Scope::kChallenge, Scope::kReadQuestion})) {
    co_return *std::move(refusal);
  }
  auto challenge = ChallengeOf(request);
  if (!challenge) {
    co_return ErrorResponse(request, challenge.error());
  }
  if (auto within = SpendRun(parts_.runs, request.caller->user().value(), request); !within) {
    co_return ErrorResponse(request, within.error());
  }
  auto answer = co_await RunAnswer(challenge->question, request.deadline);
  if (!answer && answer.error().code == Code::kInvalid) {
    co_return StatusResponse(request, 500, answer.error().message);
  }
  if (!answer) {
    co_return Missing(request, answer.error(), "Answer not found.", "Failed to compare answers.");
  }
  auto same = co_await parts_.runner.AreQueriesOutputSame(
      *std::move(answer), std::move(challenge->output), request.deadline);
  if (!same) {
    co_return Missing(request, same.error(), kChallengeGone, "Failed to compare answers.");
  }
  JsonWriter out;
  out.BeginObject().Field("same", *same).EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Result<std::string>> DatabasePlayground::RunAnswer(std::int64_t question,
                                                             Deadline deadline) {
  auto answer = co_await parts_.questions.GetQuestionAnswer(question, deadline);
  if (!answer) {
    co_return Fail(std::move(answer).error());
  }
  auto script =
      co_await parts_.questions.GetSchemaInitialSql(std::move(answer->schema_id), deadline);
  if (!script) {
    co_return Fail(std::move(script).error());
  }
  auto ran =
      co_await parts_.runner.RunQuery(*std::move(script), std::move(answer->answer), deadline);
  if (!ran) {
    co_return Fail(std::move(ran).error());
  }
  if (!ran->error.empty()) {
    co_return Fail(Code::kInvalid, "Failed to execute answer. The answer is incorrect.");
  }
  co_return std::move(ran->id);
}

}  // namespace paddock::gateway
