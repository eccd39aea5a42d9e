#include "gateway/routes/progress_routes.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "gateway/json_body.h"
#include "gateway/routes/directory_forms.h"
#include "gateway/routes/forms.h"
#include "gateway/routes/page_query.h"
#include "gateway/routes/people_forms.h"
#include "gateway/routes/question_forms.h"

namespace paddock::gateway {
namespace {

using identity::Action;
using questions::Period;

constexpr std::int64_t kRecentMax = 10;

struct LeaderboardRequest {
  bool by_solved = false;
  Period period = Period::kAll;
  std::int64_t limit = 50;
};

Result<LeaderboardRequest> ReadLeaderboard(const Request& request) {
  auto limit = ReadPageLimit(request);
  if (!limit) {
    return Fail(std::move(limit).error());
  }
  LeaderboardRequest asked{.limit = *limit};
  const std::string_view by = request.Query("by").value_or("points");
  if (by != "points" && by != "solved") {
    return Fail(Code::kInvalid, "by must be points or solved");
  }
  asked.by_solved = by == "solved";
  const std::string_view period = request.Query("period").value_or("all");
  if (period != "all" && period != "week" && period != "day") {
    return Fail(Code::kInvalid, "period must be all, week or day");
  }
  if (period != "all") {
    asked.period = period == "week" ? Period::kWeek : Period::kDay;
  }
  return asked;
}

void WriteEntry(JsonWriter& out, const store::LeaderboardRow& row, const UserId& reader) {
  out.BeginObject()
      .Field("rank", row.rank)
      .Field("name", std::string_view(row.name))
      .Field("points", row.points)
      .Field("solved", row.solved)
      .Field("me", row.user == reader)
      .EndObject();
}

void WriteDifficulties(JsonWriter& out,
                       const std::vector<questions::BankQuestionRef>& visible,
                       const std::map<std::int64_t, store::ProgressRecord>& progress) {
  std::array<std::int64_t, static_cast<std::size_t>(questions::kLastDifficulty) + 1> totals{};
  auto solved = totals;
  for (const questions::BankQuestionRef& question : visible) {
    const auto difficulty = static_cast<std::size_t>(question->document().difficulty);
    const auto found = progress.find(question->record.number);
    ++totals.at(difficulty);
    solved.at(difficulty) += found != progress.end() && found->second.passed ? 1 : 0;
  }
  std::int64_t solved_sum = 0;
  out.Key("by_difficulty").BeginObject();
  for (std::size_t i = 0; i < totals.size(); ++i) {
    solved_sum += solved.at(i);
    out.DataKey(Name(static_cast<questions::Difficulty>(i)))
        .BeginObject()
        .Field("solved", solved.at(i))
        .Field("total", totals.at(i))
        .EndObject();
  }
  out.EndObject().Field("solved", solved_sum).Field("total", visible.size());
}

/// Of questions that the reader may see; others may have been theirs to see once.
void WriteRecent(JsonWriter& out,
                 const std::vector<store::SubmissionRecord>& submissions,
                 const BankView& view,
                 questions::Language language) {
  out.Key("recent").BeginArray();
  for (const store::SubmissionRecord& submission : submissions) {
    const auto question = view.catalogue->Find(submission.question, view.reader);
    if (question == nullptr) {
      continue;
    }
    out.BeginObject()
        .Field("number", submission.question)
        .Field("title", std::string_view(question->document().title.In(language)))
        .Field("passed", submission.passed)
        .Field("created_at", std::string_view(FormatTime(submission.created_at)))
        .EndObject();
  }
  out.EndArray();
}

/// The rows of one member, who has one at least.
void WriteMemberProgress(JsonWriter& out, std::span<const store::MemberProgress> rows) {
  const auto is_solved = [](const store::MemberProgress& row) { return row.passed; };
  out.BeginObject()
      .Field("id", std::string_view(rows.front().user.value()))
      .Field("name", std::string_view(rows.front().name))
      .Field("solved", std::ranges::count_if(rows, is_solved))
      .Field("points", rows.front().points)
      .Key("questions")
      .BeginObject();
  for (const store::MemberProgress& row : rows) {
    if (row.question) {
      out.DataKey(fmt::format("{}", *row.question)).Text(row.passed ? "passed" : "failed");
    }
  }
  out.EndObject().EndObject();
}

Result<std::optional<std::int64_t>> ReadReset(const Request& request) {
  auto body = JsonBody::Parse(request.body);
  if (!body) {
    return Fail(std::move(body).error());
  }
  const auto question = body->root().OptionalInteger("question", 1, questions::kNumberMax);
  auto valid = body->Finish();
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return question;
}

}  // namespace

void ProgressRoutes::AddTo(Router& router) {
  const auto add = [&](Method method, const char* pattern, Action action, auto handler,
                       BodyKind body = BodyKind::kNone) {
    router.Add({.method = method,
                .pattern = pattern,
                .handler = [this, handler](Request& request) { return (this->*handler)(request); },
                .action = action,
                .body = body,
                .body_max = 4_KiB});
  };
  using Routes = ProgressRoutes;
  add(Method::kGet, "/api/v1/leaderboard", Action::kReadQuestions, &Routes::Leaderboard);
  add(Method::kGet, "/api/v1/account/progress", Action::kReadQuestions, &Routes::Own);
  add(Method::kGet, "/api/v1/questions/{number}/statistics", Action::kReadStatistics,
      &Routes::Statistics);
  add(Method::kGet, "/api/v1/classes/{class_id}/progress", Action::kReadMembers, &Routes::OfClass);
  add(Method::kPost, "/api/v1/classes/{class_id}/progress/{user_id}/reset", Action::kManageClass,
      &Routes::Reset, BodyKind::kBuffered);
}

aio::Task<Response> ProgressRoutes::Leaderboard(Request& request) {
  auto asked = ReadLeaderboard(request);
  auto class_id = ReadIdFilter(request, "class");
  if (!asked || !class_id) {
    co_return ErrorResponse(request, asked ? class_id.error() : asked.error());
  }
  const UserId& reader = CallerOf(request);
  store::LeaderboardQuery query{
      .reader = reader, .by_solved = asked->by_solved, .limit = asked->limit};
  if (*class_id) {
    query.class_id = ClassId(**class_id);
    auto found = co_await context_.parts.identity.classes.Find(
        PrincipalOf(request), *query.class_id, Action::kReadClass, request.deadline);
    if (!found) {
      co_return ErrorResponse(request, found.error());
    }
  }
  auto rows = co_await context_.parts.questions.attempts.Leaderboard(
      std::move(query), asked->period, request.deadline);
  if (!rows) {
    co_return ErrorResponse(request, rows.error());
  }
  JsonWriter out;
  out.BeginObject().Key("entries").BeginArray();
  const store::LeaderboardRow* own = nullptr;
  for (const store::LeaderboardRow& row : *rows) {
    own = row.user == reader ? &row : own;
    if (row.place <= asked->limit) {
      WriteEntry(out, row, reader);
    }
  }
  out.EndArray().Key("me");
  if (own != nullptr) {
    WriteEntry(out, *own, reader);
  } else {
    out.Null();
  }
  out.EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> ProgressRoutes::Own(Request& request) {
  auto language = ReadLanguage(request);
  if (!language) {
    co_return ErrorResponse(request, language.error());
  }
  auto view = co_await ViewBank(context_, request);
  if (!view) {
    co_return ErrorResponse(request, view.error());
  }
  questions::Attempts& attempts = context_.parts.questions.attempts;
  const UserId& user = CallerOf(request);
  auto points = co_await attempts.PointsOf(user, request.deadline);
  if (!points) {
    co_return ErrorResponse(request, points.error());
  }
  auto progress = co_await attempts.Progress(user, request.deadline);
  if (!progress) {
    co_return ErrorResponse(request, progress.error());
  }
  auto recent =
      co_await attempts.List(user, std::nullopt, std::nullopt, kRecentMax, request.deadline);
  if (!recent) {
    co_return ErrorResponse(request, recent.error());
  }
  JsonWriter out;
  out.BeginObject().Field("points", *points);
  WriteDifficulties(out, view->catalogue->VisibleTo(view->reader), *progress);
  WriteRecent(out, *recent, *view, *language);
  out.EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> ProgressRoutes::Statistics(Request& request) {
  auto question = co_await FindQuestion(context_, request);
  if (!question) {
    co_return ErrorResponse(request, question.error());
  }
  auto found = co_await context_.parts.questions.attempts.StatisticsOf((*question)->record.number,
                                                                       request.deadline);
  if (!found) {
    co_return ErrorResponse(request, found.error());
  }
  JsonWriter out;
  out.BeginObject()
      .Field("attempted_users", found->totals.attempted_users)
      .Field("passed_users", found->totals.passed_users)
      .Field("submissions", found->totals.submissions)
      .Field("correct", found->totals.correct)
      .Key("rules")
      .BeginObject();
  for (const store::RuleCount& rule : found->rules) {
    out.DataKey(rule.rule).Integer(rule.count);
  }
  out.EndObject().Key("recent_wrong").BeginArray();
  for (const store::WrongAnswer& wrong : found->recent_wrong) {
    out.BeginObject()
        .Field("query", std::string_view(wrong.query))
        .Field("rule", std::string_view(wrong.rule))
        .Field("count", wrong.count)
        .EndObject();
  }
  out.EndArray().EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> ProgressRoutes::OfClass(Request& request) {
  auto found = co_await FindClass(context_, request, Action::kReadMembers);
  if (!found) {
    co_return ErrorResponse(request, found.error());
  }
  auto rows = co_await context_.parts.questions.attempts.OfClass(found->id, request.deadline);
  if (!rows) {
    co_return ErrorResponse(request, rows.error());
  }
  JsonWriter out;
  out.BeginObject().Key("members").BeginArray();
  const std::span<const store::MemberProgress> all(*rows);
  std::size_t begin = 0;
  for (std::size_t i = 1; i <= all.size(); ++i) {
    if (i == all.size() || all[i].user != all[begin].user) {
      WriteMemberProgress(out, all.subspan(begin, i - begin));
      begin = i;
    }
  }
  out.EndArray().EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> ProgressRoutes::Reset(Request& request) {
  auto question = ReadReset(request);
  if (!question) {
    co_return ErrorResponse(request, question.error());
  }
  auto member = PathId<UserId>(request, "user_id", "member");
  if (!member) {
    co_return ErrorResponse(request, member.error());
  }
  auto found = co_await FindClass(context_, request, Action::kManageClass);
  if (!found) {
    co_return ErrorResponse(request, found.error());
  }
  auto record = co_await context_.parts.identity.classes.FindMember(found->id, *std::move(member),
                                                                    request.deadline);
  if (!record) {
    co_return ErrorResponse(request, record.error());
  }
  auto reset = co_await context_.parts.questions.attempts.Reset(
      AuditContextOf(request), *std::move(record), *question, request.deadline);
  co_return Answer(request, reset);
}

}  // namespace paddock::gateway
