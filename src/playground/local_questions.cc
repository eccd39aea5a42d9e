#include "playground/local_questions.h"

#include <algorithm>
#include <utility>

namespace paddock::playground {
namespace {

using questions::BankQuestion;
using questions::BankSchema;
using questions::Language;

Difficulty DifficultyOf(questions::Difficulty difficulty) {
  switch (difficulty) {
    case questions::Difficulty::kEasy: return Difficulty::kEasy;
    case questions::Difficulty::kMedium: return Difficulty::kMedium;
    case questions::Difficulty::kHard: return Difficulty::kHard;
  }
  return Difficulty::kUnspecified;
}

bool IsShown(const BankSchema& schema) { return schema.document.engine == sql::Dialect::kSqlite; }

bool IsShown(const BankQuestion& question) {
  return question.record.visibility == questions::kEveryone && IsShown(*question.schema) &&
         !question.document().changes_data();
}

std::optional<std::string> Optional(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

QuestionSummary SummaryOf(const BankQuestion& question) {
  const questions::QuestionDocument& document = question.document();
  return {.id = question.record.number,
          .schema_id = question.record.schema_id,
          .type = document.category.In(Language::kEnglish),
          .difficulty = DifficultyOf(document.difficulty),
          .title = document.title.In(Language::kEnglish),
          .description = document.description.In(Language::kEnglish),
          .created_at = question.record.created_at,
          .updated_at = question.record.updated_at};
}

}  // namespace

aio::Task<Result<questions::BankSchemaRef>> LocalQuestions::FindSchema(std::string id,
                                                                       Deadline deadline) {
  auto catalogue = co_await bank_.Get(deadline);
  if (!catalogue) {
    co_return Fail(std::move(catalogue).error());
  }
  const auto found = (*catalogue)->schemas.find(id);
  if (found == (*catalogue)->schemas.end() || !IsShown(*found->second)) {
    co_return Fail(Code::kNotFound, "Schema not found.");
  }
  co_return found->second;
}

aio::Task<Result<questions::BankQuestionRef>> LocalQuestions::Find(std::int64_t id,
                                                                   Deadline deadline) {
  auto catalogue = co_await bank_.Get(deadline);
  if (!catalogue) {
    co_return Fail(std::move(catalogue).error());
  }
  const auto found = (*catalogue)->questions.find(id);
  if (found == (*catalogue)->questions.end() || !IsShown(*found->second)) {
    co_return Fail(Code::kNotFound, "Question not found.");
  }
  co_return found->second;
}

aio::Task<Result<SchemaSummary>> LocalQuestions::GetSchema(std::string id, Deadline deadline) {
  auto found = co_await FindSchema(std::move(id), deadline);
  if (!found) {
    co_return Fail(std::move(found).error());
  }
  const BankSchema& schema = **found;
  co_return SchemaSummary{.id = schema.record.id,
                          .picture = Optional(schema.document.picture),
                          .description = schema.document.description.In(Language::kEnglish),
                          .created_at = schema.record.created_at,
                          .updated_at = schema.record.updated_at};
}

aio::Task<Result<std::string>> LocalQuestions::GetSchemaInitialSql(std::string id,
                                                                   Deadline deadline) {
  auto found = co_await FindSchema(std::move(id), deadline);
  if (!found) {
    co_return Fail(std::move(found).error());
  }
  co_return (*found)->datasets.front()->script;
}

aio::Task<Result<std::vector<QuestionSummary>>> LocalQuestions::ListQuestions(Cursor cursor,
                                                                              Deadline deadline) {
  auto catalogue = co_await bank_.Get(deadline);
  if (!catalogue) {
    co_return Fail(std::move(catalogue).error());
  }
  const std::int64_t limit = std::clamp<std::int64_t>(cursor.limit, 1, kCursorLimitMax);
  std::vector<QuestionSummary> page;
  std::int64_t place = 0;
  for (const auto& [number, question] : (*catalogue)->questions) {
    if (std::ssize(page) == limit) {
      break;
    }
    if (IsShown(*question) && place++ >= cursor.offset) {
      page.push_back(SummaryOf(*question));
    }
  }
  co_return page;
}

aio::Task<Result<QuestionSummary>> LocalQuestions::GetQuestion(std::int64_t id, Deadline deadline) {
  auto found = co_await Find(id, deadline);
  if (!found) {
    co_return Fail(std::move(found).error());
  }
  co_return SummaryOf(**found);
}

aio::Task<Result<QuestionAnswer>> LocalQuestions::GetQuestionAnswer(std::int64_t id,
                                                                    Deadline deadline) {
  auto found = co_await Find(id, deadline);
  if (!found) {
    co_return Fail(std::move(found).error());
  }
  co_return QuestionAnswer{.id = id,
                           .answer = (*found)->document().references.front(),
                           .schema_id = (*found)->record.schema_id};
}

aio::Task<Result<std::optional<std::string>>> LocalQuestions::GetQuestionSolution(
    std::int64_t id, Deadline deadline) {
  auto found = co_await Find(id, deadline);
  if (!found) {
    co_return Fail(std::move(found).error());
  }
  co_return Optional((*found)->document().video);
}

}  // namespace paddock::playground
