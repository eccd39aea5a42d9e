// StoreQuestions: the question bank in a store that no server uses.
//
// Used by questions_command.h for `paddock questions import --offline`. Documents are validated as
// a server does it, by running them. What is imported so is nobody's own: admins may change it.
// Threading: one call at a time, on the loop thread. Ownership: what it refers to outlives it.
#pragma once

#include <string>

#include "app/question_target.h"
#include "challenges/runner.h"
#include "identity/audit_log.h"
#include "questions/services.h"
#include "store/database.h"

namespace paddock::app {

class StoreQuestions final : public QuestionTarget {
 public:
  StoreQuestions(store::Database& database,
                 const std::string& name_space,
                 challenges::Runner& runner)
      : audit_(database, name_space), services_(database, name_space, runner, audit_) {}

  // Fail as questions::Authoring.
  [[nodiscard]] aio::Task<Result<PutOutcome>> PutSchema(questions::SourceSchema schema) override;
  [[nodiscard]] aio::Task<Result<PutOutcome>> PutQuestion(
      questions::SourceQuestion question) override;

 private:
  identity::AuditLog audit_;
  questions::Services services_;
};

}  // namespace paddock::app
