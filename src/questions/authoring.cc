#include "questions/authoring.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "store/records.h"

namespace paddock::questions {
namespace {

using identity::AuditAction;
using identity::AuditContext;
using identity::SubjectKind;

constexpr int kNumberAttemptsMax = 5;  // two at once want the same number
constexpr std::string_view kDocumentName = "document";

store::SystemTime Now() { return std::chrono::system_clock::now(); }

std::optional<UserId> AuthorOf(const AuditContext& context) {
  return context.principal ? std::optional(context.principal->user) : std::nullopt;
}

identity::AuditSubject SubjectOf(const QuestionDocument& document) {
  return {.kind = SubjectKind::kQuestion,
          .id = document.id,
          .name = document.title.In(Language::kEnglish)};
}

identity::AuditSubject SubjectOf(const SchemaDocument& document) {
  return {.kind = SubjectKind::kSchema,
          .id = document.id,
          .name = document.title.In(Language::kEnglish)};
}

}  // namespace

identity::Relation RelationTo(const std::optional<UserId>& author, const UserId& user) noexcept {
  return author && *author == user ? identity::Relation::kOwn : identity::Relation::kOther;
}

Error ErrorOf(const std::vector<yaml::Problem>& problems) {
  yaml::Problems all(kDocumentName);
  for (const yaml::Problem& problem : problems) {
    all.Add(problem.line, problem.field, problem.message);
  }
  auto outcome = all.Outcome();
  return outcome ? Error{.code = Code::kInternal, .message = "nothing is wrong"}
                 : std::move(outcome).error();
}

store::QuestionRecord RecordOf(const QuestionDocument& document, std::string text) {
  return {.number = document.number,
          .slug = document.id,
          .schema_id = document.schema,
          .document = std::move(text),
          .difficulty = std::string(Name(document.difficulty)),
          .category = document.category.In(Language::kEnglish),
          .visibility = document.visibility};
}

aio::Task<Result<CheckedQuestion>> Authoring::Check(std::string document,
                                                    std::string schema,
                                                    Deadline deadline) {
  yaml::Problems problems(kDocumentName);
  CheckedQuestion checked{.document = ParseQuestion(document, problems), .problems = {}};
  if (checked.document.schema.empty()) {
    checked.document.schema = std::move(schema);
  }
  auto catalogue = co_await bank_.Get(deadline);
  if (!catalogue) {
    co_return Fail(std::move(catalogue).error());
  }
  const auto found = (*catalogue)->schemas.find(checked.document.schema);
  if (found == (*catalogue)->schemas.end()) {
    problems.Add(1, "schema", fmt::format("there is no schema '{}'", checked.document.schema));
  }
  if (problems.empty()) {
    auto runnable = std::make_shared<const RunnableQuestion>(
        RunnableQuestion{.document = checked.document, .datasets = found->second->datasets});
    auto preview = co_await ValidateQuestion(grader_, std::move(runnable), problems, deadline);
    if (!preview) {
      co_return Fail(std::move(preview).error());
    }
    checked.preview = *std::move(preview);
  }
  checked.problems = problems.list();
  co_return checked;
}

aio::Task<Result<std::vector<yaml::Problem>>> Authoring::CheckSchema(std::string document,
                                                                     Deadline deadline) {
  yaml::Problems problems(kDocumentName);
  auto schema = ParseSchema(document, nullptr, problems);
  if (problems.empty()) {
    auto tried = co_await ValidateSchema(runner_, std::move(schema), problems, deadline);
    if (!tried) {
      co_return Fail(std::move(tried).error());
    }
  }
  co_return problems.list();
}

aio::Task<Result<BankQuestionRef>> Authoring::CreateQuestion(AuditContext context,
                                                             std::string document,
                                                             std::string schema,
                                                             Deadline deadline) {
  auto checked = co_await Check(document, std::move(schema), deadline);
  if (!checked) {
    co_return Fail(std::move(checked).error());
  }
  if (!checked->problems.empty()) {
    co_return Fail(ErrorOf(checked->problems));
  }
  auto record = RecordOf(checked->document, std::move(document));
  record.author = AuthorOf(context);
  Result<void> written;
  for (int attempt = 0; attempt < kNumberAttemptsMax; ++attempt) {
    store::Transaction transaction{
        table_.LockSchema(record.schema_id), table_.InsertQuestion(record, Now()),
        audit_.Entry(context, AuditAction::kQuestionMade, SubjectOf(checked->document))};
    written = co_await Write(std::move(transaction), deadline);
    // The table's choice may have been taken in the meantime.
    if (written || written.error().code != Code::kConflict || record.number != 0) {
      break;
    }
  }
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  auto found = co_await FindAfterWrite(std::move(record.slug), deadline);
  co_return found;
}

aio::Task<Result<BankQuestionRef>> Authoring::ChangeQuestion(AuditContext context,
                                                             BankQuestionRef before,
                                                             std::string document,
                                                             std::int64_t version,
                                                             Deadline deadline) {
  auto checked = co_await Check(document, before->record.schema_id, deadline);
  if (!checked) {
    co_return Fail(std::move(checked).error());
  }
  const std::int64_t number = before->record.number;
  if (checked->document.number != 0 && checked->document.number != number) {
    checked->problems.push_back(
        {.line = 1, .field = "number", .message = fmt::format("is {} and stays it", number)});
  }
  if (!checked->problems.empty()) {
    co_return Fail(ErrorOf(checked->problems));
  }
  auto record = RecordOf(checked->document, std::move(document));
  record.number = number;
  record.version = version;
  record.shipped_digest = before->record.shipped_digest;
  store::Transaction transaction{
      table_.LockSchema(record.schema_id), table_.UpdateQuestion(record, Now()),
      audit_.Entry(context, AuditAction::kQuestionChanged, SubjectOf(checked->document))};
  auto written = co_await Write(std::move(transaction), deadline);
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  auto found = co_await FindAfterWrite(std::move(record.slug), deadline);
  co_return found;
}

aio::Task<Result<void>> Authoring::DeleteQuestion(AuditContext context,
                                                  BankQuestionRef question,
                                                  Deadline deadline) {
  const std::int64_t number = question->record.number;
  store::Transaction transaction{
      table_.DeleteQuestion(number, Now()),
      audit_.Entry(context, AuditAction::kQuestionDeleted, SubjectOf(question->document()))};
  auto written = co_await Write(std::move(transaction), deadline);
  co_return written;
}

aio::Task<Result<BankSchemaRef>> Authoring::CreateSchema(AuditContext context,
                                                         std::string document,
                                                         Deadline deadline) {
  auto problems = co_await CheckSchema(document, deadline);
  if (!problems) {
    co_return Fail(std::move(problems).error());
  }
  if (!problems->empty()) {
    co_return Fail(ErrorOf(*problems));
  }
  yaml::Problems none(kDocumentName);
  const auto schema = ParseSchema(document, nullptr, none);
  const store::QuestionSchemaRecord record{
      .id = schema.id, .document = std::move(document), .author = AuthorOf(context)};
  store::Transaction transaction{
      table_.InsertSchema(record, Now()),
      audit_.Entry(context, AuditAction::kSchemaMade, SubjectOf(schema))};
  auto written = co_await Write(std::move(transaction), deadline);
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  auto found = co_await FindSchemaAfterWrite(record.id, deadline);
  co_return found;
}

aio::Task<Result<BankSchemaRef>> Authoring::ChangeSchema(AuditContext context,
                                                         BankSchemaRef before,
                                                         std::string document,
                                                         std::int64_t version,
                                                         Deadline deadline) {
  auto problems = co_await CheckSchema(document, deadline);
  if (!problems) {
    co_return Fail(std::move(problems).error());
  }
  yaml::Problems none(kDocumentName);
  const auto schema = ParseSchema(document, nullptr, none);
  if (none.empty() && schema.id != before->record.id) {
    problems->push_back({.line = 1,
                         .field = "id",
                         .message = fmt::format("is {} and stays it", before->record.id)});
  }
  if (!problems->empty()) {
    co_return Fail(ErrorOf(*problems));
  }
  auto sound = co_await CheckQuestionsOf(schema, deadline);
  if (!sound) {
    co_return Fail(std::move(sound).error());
  }
  const store::QuestionSchemaRecord record{.id = schema.id,
                                           .document = std::move(document),
                                           .version = version,
                                           .shipped_digest = before->record.shipped_digest};
  store::Transaction transaction{
      table_.UpdateSchema(record, Now()),
      audit_.Entry(context, AuditAction::kSchemaChanged, SubjectOf(schema))};
  auto written = co_await Write(std::move(transaction), deadline);
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  auto found = co_await FindSchemaAfterWrite(record.id, deadline);
  co_return found;
}

aio::Task<Result<void>> Authoring::DeleteSchema(AuditContext context,
                                                BankSchemaRef schema,
                                                Deadline deadline) {
  store::Transaction transaction{
      table_.DeleteSchema(schema->record.id, Now()),
      audit_.Entry(context, AuditAction::kSchemaDeleted, SubjectOf(schema->document))};
  auto written = co_await Write(std::move(transaction), deadline);
  co_return written;
}

/// The questions of `schema` as it would be.
aio::Task<Result<void>> Authoring::CheckQuestionsOf(SchemaDocument schema, Deadline deadline) {
  auto catalogue = co_await bank_.Get(deadline);
  if (!catalogue) {
    co_return Fail(std::move(catalogue).error());
  }
  const auto datasets = DatasetsOf(schema);
  for (const auto& [number, question] : (*catalogue)->questions) {
    if (question->record.schema_id != schema.id) {
      continue;
    }
    yaml::Problems problems(fmt::format("question {}", number));
    auto runnable = std::make_shared<const RunnableQuestion>(
        RunnableQuestion{.document = question->document(), .datasets = datasets});
    auto preview = co_await ValidateQuestion(grader_, std::move(runnable), problems, deadline);
    if (!preview) {
      co_return Fail(std::move(preview).error());
    }
    if (auto outcome = problems.Outcome(); !outcome) {
      co_return outcome;
    }
  }
  co_return Result<void>();
}

aio::Task<Result<void>> Authoring::Write(store::Transaction transaction, Deadline deadline) {
  auto written = co_await database_.Write(std::move(transaction), deadline);
  bank_.Expire();
  co_return store::WithoutRows(std::move(written));
}

aio::Task<Result<BankQuestionRef>> Authoring::FindAfterWrite(std::string slug, Deadline deadline) {
  bank_.Expire();
  auto catalogue = co_await bank_.Get(deadline);
  if (!catalogue) {
    co_return Fail(std::move(catalogue).error());
  }
  auto found = (*catalogue)->FindSlug(slug);
  if (found == nullptr) {
    co_return Fail(Code::kNotFound, "There is no such question.");
  }
  co_return found;
}

aio::Task<Result<BankSchemaRef>> Authoring::FindSchemaAfterWrite(std::string id,
                                                                 Deadline deadline) {
  bank_.Expire();
  auto catalogue = co_await bank_.Get(deadline);
  if (!catalogue) {
    co_return Fail(std::move(catalogue).error());
  }
  const auto found = (*catalogue)->schemas.find(id);
  if (found == (*catalogue)->schemas.end()) {
    co_return Fail(Code::kNotFound, "There is no such schema.");
  }
  co_return found->second;
}

}  // namespace paddock::questions
