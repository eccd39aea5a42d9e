#include "app/store_questions.h"

#include <chrono>
#include <utility>

namespace paddock::app {
namespace {

constexpr std::chrono::seconds kPutTimeMax{150};  // all questions of a schema run anew

/// Whoever may open the store; nobody has signed in.
identity::AuditContext ByOperator() { return {.principal = std::nullopt, .address = "offline"}; }

template <class T>
Result<PutOutcome> Done(Result<T> written, PutOutcome outcome) {
  return written ? Result<PutOutcome>(outcome) : Fail(std::move(written).error());
}

}  // namespace

aio::Task<Result<PutOutcome>> StoreQuestions::PutSchema(questions::SourceSchema schema) {
  const Deadline deadline = Deadline::After(kPutTimeMax);
  auto catalogue = co_await services_.bank.Get(deadline);
  if (!catalogue) {
    co_return Fail(std::move(catalogue).error());
  }
  const auto found = (*catalogue)->schemas.find(schema.id);
  if (found == (*catalogue)->schemas.end()) {
    auto made = co_await services_.authoring.CreateSchema(ByOperator(), std::move(schema.document),
                                                          deadline);
    co_return Done(std::move(made), PutOutcome::kAdded);
  }
  const auto there = found->second;
  if (there->record.document == schema.document) {
    co_return PutOutcome::kUnchanged;
  }
  auto changed = co_await services_.authoring.ChangeSchema(
      ByOperator(), there, std::move(schema.document), there->record.version, deadline);
  co_return Done(std::move(changed), PutOutcome::kChanged);
}

aio::Task<Result<PutOutcome>> StoreQuestions::PutQuestion(questions::SourceQuestion question) {
  const Deadline deadline = Deadline::After(kPutTimeMax);
  auto catalogue = co_await services_.bank.Get(deadline);
  if (!catalogue) {
    co_return Fail(std::move(catalogue).error());
  }
  const auto there = (*catalogue)->FindSlug(question.id);
  if (there == nullptr) {
    auto made = co_await services_.authoring.CreateQuestion(
        ByOperator(), std::move(question.document), std::move(question.schema), deadline);
    co_return Done(std::move(made), PutOutcome::kAdded);
  }
  if (there->record.document == question.document) {
    co_return PutOutcome::kUnchanged;
  }
  auto changed = co_await services_.authoring.ChangeQuestion(
      ByOperator(), there, std::move(question.document), there->record.version, deadline);
  co_return Done(std::move(changed), PutOutcome::kChanged);
}

}  // namespace paddock::app
