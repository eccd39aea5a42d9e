#include "questions/bank.h"

#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "questions/validation.h"

namespace paddock::questions {
namespace {

/// What is stored was read before; if it cannot be now, it was written by a newer program.
bool IsReadable(const yaml::Problems& problems) {
  const auto outcome = problems.Outcome();
  if (!outcome) {
    log::Error("the question bank has what this program cannot read: {}", outcome.error().message);
  }
  return outcome.has_value();
}

}  // namespace

BankQuestionRef Catalogue::FindSlug(std::string_view slug) const {
  for (const auto& [number, question] : questions) {
    if (question->record.slug == slug) {
      return question;
    }
  }
  return nullptr;
}

BankQuestionRef Catalogue::Find(std::int64_t number, const Reader& reader) const {
  const auto found = questions.find(number);
  const bool is_there =
      found != questions.end() && IsVisible(found->second->record.visibility, reader);
  return is_there ? found->second : nullptr;
}

std::vector<BankQuestionRef> Catalogue::VisibleTo(const Reader& reader) const {
  std::vector<BankQuestionRef> visible;
  for (const auto& [number, question] : questions) {
    if (IsVisible(question->record.visibility, reader)) {
      visible.push_back(question);
    }
  }
  return visible;
}

CatalogueRef Bank::Fresh() const {
  return checked_at_ && Clock::now() - *checked_at_ < kFreshFor ? current_ : nullptr;
}

aio::Task<Result<CatalogueRef>> Bank::Get(Deadline deadline) {
  const auto now = Clock::now();
  const std::uint64_t writes = writes_;
  if (auto fresh = Fresh()) {
    co_return fresh;
  }
  auto revision = co_await ReadRevision(deadline);
  for (int i = 0; revision && current_->revision != *revision; ++i) {
    if (i == kLoadsMax) {
      co_return Fail(Code::kUnavailable, "the question bank changes all the time; try again");
    }
    auto loaded = co_await Load(deadline);
    if (!loaded) {
      co_return Fail(std::move(loaded).error().With("question bank"));
    }
    // What changed while it was read may be there in part only: then it is read again.
    (*loaded)->revision = *revision;
    revision = co_await ReadRevision(deadline);
    if (revision && (*loaded)->revision == *revision) {
      current_ = *std::move(loaded);
    }
  }
  if (!revision) {
    co_return Fail(std::move(revision).error());
  }
  // What was written meanwhile may not be in what was read.
  if (writes == writes_) {
    checked_at_ = now;
  }
  co_return current_;
}

aio::Task<Result<store::BankRevision>> Bank::ReadRevision(Deadline deadline) {
  auto statement = table_.SelectRevision();
  auto rows = co_await database_.Read(std::move(statement), deadline);
  if (!rows) {
    co_return Fail(std::move(rows).error());
  }
  co_return store::QuestionTable::ReadRevision(*rows);
}

aio::Task<Result<std::shared_ptr<Catalogue>>> Bank::Load(Deadline deadline) {
  auto catalogue = std::make_shared<Catalogue>();
  auto loaded = co_await LoadSchemas(*catalogue, deadline);
  if (loaded) {
    loaded = co_await LoadQuestions(*catalogue, deadline);
  }
  if (!loaded) {
    co_return Fail(std::move(loaded).error());
  }
  co_return catalogue;
}

aio::Task<Result<void>> Bank::LoadSchemas(Catalogue& catalogue, Deadline deadline) {
  std::string after;
  while (true) {
    auto statement = table_.SelectSchemas(after, kSchemasPerPage);
    auto rows = co_await database_.Read(std::move(statement), deadline);
    if (!rows) {
      co_return Fail(std::move(rows).error());
    }
    auto records = store::QuestionTable::ReadSchemas(*rows);
    if (!records) {
      co_return Fail(std::move(records).error());
    }
    const auto count = static_cast<std::int64_t>(records->size());
    for (store::QuestionSchemaRecord& record : *records) {
      after = record.id;
      Put(catalogue, std::move(record));
    }
    if (count < kSchemasPerPage) {
      co_return Result<void>();
    }
  }
}

aio::Task<Result<void>> Bank::LoadQuestions(Catalogue& catalogue, Deadline deadline) {
  std::int64_t after = 0;
  while (true) {
    auto statement = table_.SelectQuestions(after, kQuestionsPerPage);
    auto rows = co_await database_.Read(std::move(statement), deadline);
    if (!rows) {
      co_return Fail(std::move(rows).error());
    }
    auto records = store::QuestionTable::ReadQuestions(*rows);
    if (!records) {
      co_return Fail(std::move(records).error());
    }
    const auto count = static_cast<std::int64_t>(records->size());
    for (store::QuestionRecord& record : *records) {
      after = record.number;
      Put(catalogue, std::move(record));
    }
    if (catalogue.questions.size() > kQuestionsMax) {
      co_return Fail(Code::kExhausted,
                     fmt::format("there are more than {} questions", kQuestionsMax));
    }
    if (count < kQuestionsPerPage) {
      co_return Result<void>();
    }
  }
}

// What has not changed is not read anew: a schema's datasets may be large.
void Bank::Put(Catalogue& catalogue, store::QuestionSchemaRecord record) const {
  if (record.deleted) {
    catalogue.deleted_schemas.emplace(record.id, true);
    return;
  }
  const auto known = current_->schemas.find(record.id);
  if (known != current_->schemas.end() && known->second->record.version == record.version) {
    catalogue.schemas.emplace(record.id, known->second);
    return;
  }
  yaml::Problems problems("schema " + record.id);
  auto schema = std::make_shared<BankSchema>();
  schema->document = ParseSchema(record.document, nullptr, problems);
  schema->datasets = DatasetsOf(schema->document);
  schema->record = std::move(record);
  if (IsReadable(problems)) {
    const std::string id = schema->record.id;
    catalogue.schemas.emplace(id, std::move(schema));
  }
}

void Bank::Put(Catalogue& catalogue, store::QuestionRecord record) const {
  if (record.deleted) {
    catalogue.deleted_questions.emplace(record.slug, record.number);
    return;
  }
  const auto schema = catalogue.schemas.find(record.schema_id);
  if (schema == catalogue.schemas.end()) {
    log::Error("question {} is of the schema {}, which is not there", record.number,
               record.schema_id);
    return;
  }
  catalogue.has_class_questions =
      catalogue.has_class_questions || record.visibility.starts_with(kClassPrefix);
  const auto known = current_->questions.find(record.number);
  if (known != current_->questions.end() && known->second->record.version == record.version &&
      known->second->schema == schema->second) {
    catalogue.questions.emplace(record.number, known->second);
    return;
  }
  yaml::Problems problems(fmt::format("question {}", record.number));
  auto runnable = std::make_shared<RunnableQuestion>();
  runnable->document = ParseQuestion(record.document, problems);
  runnable->datasets = schema->second->datasets;
  if (IsReadable(problems)) {
    auto question = std::make_shared<BankQuestion>(BankQuestion{
        .record = std::move(record), .schema = schema->second, .runnable = std::move(runnable)});
    const std::int64_t number = question->record.number;
    catalogue.questions.emplace(number, std::move(question));
  }
}

}  // namespace paddock::questions
