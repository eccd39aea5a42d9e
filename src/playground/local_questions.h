// LocalQuestions: the QuestionManager of this process, on the question bank.
//
// Of questions on SQLite that everybody may see; the others do not exist here, for those front ends
// know neither classes nor other databases. Threading: loop thread. Ownership: `bank` outlives it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "playground/services.h"
#include "questions/bank.h"

namespace paddock::playground {

class LocalQuestions final : public QuestionManager {
 public:
  explicit LocalQuestions(questions::Bank& bank) : bank_(bank) {}

  aio::Task<Result<SchemaSummary>> GetSchema(std::string id, Deadline deadline) override;
  aio::Task<Result<std::string>> GetSchemaInitialSql(std::string id, Deadline deadline) override;
  aio::Task<Result<std::vector<QuestionSummary>>> ListQuestions(Cursor cursor,
                                                                Deadline deadline) override;
  aio::Task<Result<QuestionSummary>> GetQuestion(std::int64_t id, Deadline deadline) override;
  aio::Task<Result<QuestionAnswer>> GetQuestionAnswer(std::int64_t id, Deadline deadline) override;
  aio::Task<Result<std::optional<std::string>>> GetQuestionSolution(std::int64_t id,
                                                                    Deadline deadline) override;

 private:
  [[nodiscard]] aio::Task<Result<questions::BankSchemaRef>> FindSchema(std::string id,
                                                                       Deadline deadline);
  [[nodiscard]] aio::Task<Result<questions::BankQuestionRef>> Find(std::int64_t id,
                                                                   Deadline deadline);

  questions::Bank& bank_;
};

}  // namespace paddock::playground
