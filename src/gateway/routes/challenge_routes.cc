#include "gateway/routes/challenge_routes.h"

#include <span>
#include <string>
#include <utility>

#include "gateway/json_body.h"
#include "gateway/routes/directory_forms.h"
#include "gateway/routes/forms.h"
#include "gateway/routes/page_query.h"

namespace paddock::gateway {
namespace {

using identity::Action;

constexpr std::chrono::seconds kTimeMax{60};  // a submission runs on every dataset

Result<std::string> ReadQuery(const Request& request) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    return Fail(std::move(body).error());
  }
  std::string query =
      body->root().RequiredText("query", {.bytes_min = 1, .bytes_max = questions::kQueryBytesMax});
  auto valid = body->Finish();
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return query;
}

void WriteSubmission(JsonWriter& out, const store::SubmissionRecord& submission) {
  out.BeginObject()
      .Field("id", std::string_view(submission.id))
      .Field("query", std::string_view(submission.query))
      .Field("passed", submission.passed)
      .Field("rule", std::string_view(submission.rule))
      .Field("created_at", std::string_view(FormatTime(submission.created_at)))
      .EndObject();
}

}  // namespace

void ChallengeRoutes::AddTo(Router& router) {
  const auto add = [&](Method method, const char* pattern, Action action, auto handler,
                       BodyKind body) {
    router.Add({.method = method,
                .pattern = pattern,
                .handler = [this, handler](Request& request) { return (this->*handler)(request); },
                .action = action,
                .body = body,
                .body_max = 512_KiB,  // a query may be escaped to several times its size
                .time_max = kTimeMax});
  };
  using Routes = ChallengeRoutes;
  add(Method::kPost, "/api/v1/questions/{number}/run", Action::kChallenge, &Routes::Run,
      BodyKind::kBuffered);
  add(Method::kPost, "/api/v1/questions/{number}/submit", Action::kChallenge, &Routes::Submit,
      BodyKind::kBuffered);
  add(Method::kGet, "/api/v1/questions/{number}/submissions", Action::kChallenge, &Routes::List,
      BodyKind::kNone);
}

aio::Task<Response> ChallengeRoutes::Run(Request& request) {
  auto query = ReadQuery(request);
  if (!query) {
    co_return ErrorResponse(request, query.error());
  }
  auto question = co_await FindQuestion(context_, request);
  if (!question) {
    co_return ErrorResponse(request, question.error());
  }
  auto place = TakePlace(context_.challenge_runs, CallerOf(request), "running queries");
  if (!place) {
    co_return ErrorResponse(request, place.error());
  }
  auto outcome = co_await context_.parts.questions.grader.Run((*question)->runnable, 0,
                                                              *std::move(query), request.deadline);
  if (!outcome) {
    co_return ErrorResponse(request, outcome.error(), kNotGraded);
  }
  JsonWriter out;
  WriteOutcome(out, **outcome);
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> ChallengeRoutes::Submit(Request& request) {
  auto language = ReadLanguage(request);
  if (!language) {
    co_return ErrorResponse(request, language.error());
  }
  auto query = ReadQuery(request);
  if (!query) {
    co_return ErrorResponse(request, query.error());
  }
  auto question = co_await FindQuestion(context_, request);
  if (!question) {
    co_return ErrorResponse(request, question.error());
  }
  auto place = TakePlace(context_.challenge_runs, CallerOf(request), "running queries");
  if (!place) {
    co_return ErrorResponse(request, place.error());
  }
  auto graded = co_await context_.parts.questions.attempts.Submit(
      CallerOf(request), *question, *std::move(query), request.deadline);
  if (!graded) {
    co_return ErrorResponse(request, graded.error(), kNotGraded);
  }
  const bool may_read =
      identity::RequireScope(PrincipalOf(request), identity::Scope::kReadQuestion).has_value();
  JsonWriter out;
  out.BeginObject().Key("outcome");
  WriteOutcome(out, *graded->grade.outcome);
  out.Key("verdict");
  WriteVerdict(out, {.grade = graded->grade,
                     .document = (*question)->document(),
                     .language = *language,
                     .may_read_question = may_read});
  out.Field("passed", graded->grade.passed())
      .Field("points_earned", graded->points_earned)
      .Field("submission_id", std::string_view(graded->submission_id))
      .EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> ChallengeRoutes::List(Request& request) {
  auto page = ReadPage(request);
  if (!page) {
    co_return ErrorResponse(request, page.error());
  }
  auto question = co_await FindQuestion(context_, request);
  if (!question) {
    co_return ErrorResponse(request, question.error());
  }
  auto found = co_await context_.parts.questions.attempts.List(
      CallerOf(request), (*question)->record.number, page->after, page->limit + 1,
      request.deadline);
  if (!found) {
    co_return ErrorResponse(request, found.error());
  }
  co_return PageResponse("submissions", std::span<const store::SubmissionRecord>(*found),
                         page->limit, WriteSubmission,
                         [](const store::SubmissionRecord& submission) { return submission.id; });
}

}  // namespace paddock::gateway
