// Authoring: what is written into the question bank, by hand, by import and from what is shipped.
//
// A document is kept only when nothing is wrong with it: it reads, its references run and agree,
// and no wrong answer passes. A change of a schema must leave its questions sound. What people
// change is audited in the same transaction. Who may do so is asked of identity/policy.h by the
// caller, with the relation that RelationTo tells.
//
// Threading: loop thread only. Ownership: what it refers to outlives it and its pending calls.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "identity/audit_log.h"
#include "identity/policy.h"
#include "questions/bank.h"
#include "questions/validation.h"
#include "store/questions.h"

namespace paddock::questions {

/// One's own, or somebody else's. What was shipped is nobody's own.
[[nodiscard]] identity::Relation RelationTo(const std::optional<UserId>& author,
                                            const UserId& user) noexcept;

/// A document that was read and tried.
struct CheckedQuestion {
  QuestionDocument document;
  std::vector<yaml::Problem> problems;            // empty: it may be kept
  std::optional<Preview> preview = std::nullopt;  // absent: it could not be run
};

/// The lines of `problems`, as one message.
[[nodiscard]] Error ErrorOf(const std::vector<yaml::Problem>& problems);

class Authoring {
 public:
  Authoring(store::Database& database,
            std::string name_space,
            Bank& bank,
            challenges::Runner& runner,
            Grader& grader,
            identity::AuditLog& audit)
      : database_(database),
        table_(std::move(name_space)),
        bank_(bank),
        runner_(runner),
        grader_(grader),
        audit_(audit) {}

  // All fail like store::Database and Runner::Run, besides what each says. kInvalid: something is
  // wrong with the document; the message has a line for each. kConflict: as the table says.

  /// `schema` is its id when the document does not name it. Never fails for what is wrong.
  [[nodiscard]] aio::Task<Result<CheckedQuestion>> Check(std::string document,
                                                         std::string schema,
                                                         Deadline deadline);
  [[nodiscard]] aio::Task<Result<std::vector<yaml::Problem>>> CheckSchema(std::string document,
                                                                          Deadline deadline);

  [[nodiscard]] aio::Task<Result<BankQuestionRef>> CreateQuestion(identity::AuditContext context,
                                                                  std::string document,
                                                                  std::string schema,
                                                                  Deadline deadline);
  [[nodiscard]] aio::Task<Result<BankQuestionRef>> ChangeQuestion(identity::AuditContext context,
                                                                  BankQuestionRef before,
                                                                  std::string document,
                                                                  std::int64_t version,
                                                                  Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> DeleteQuestion(identity::AuditContext context,
                                                       BankQuestionRef question,
                                                       Deadline deadline);

  [[nodiscard]] aio::Task<Result<BankSchemaRef>> CreateSchema(identity::AuditContext context,
                                                              std::string document,
                                                              Deadline deadline);
  [[nodiscard]] aio::Task<Result<BankSchemaRef>> ChangeSchema(identity::AuditContext context,
                                                              BankSchemaRef before,
                                                              std::string document,
                                                              std::int64_t version,
                                                              Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> DeleteSchema(identity::AuditContext context,
                                                     BankSchemaRef schema,
                                                     Deadline deadline);

 private:
  [[nodiscard]] aio::Task<Result<BankQuestionRef>> FindAfterWrite(std::string slug,
                                                                  Deadline deadline);
  [[nodiscard]] aio::Task<Result<BankSchemaRef>> FindSchemaAfterWrite(std::string id,
                                                                      Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> CheckQuestionsOf(SchemaDocument schema, Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> Write(store::Transaction transaction, Deadline deadline);

  store::Database& database_;
  store::QuestionTable table_;
  Bank& bank_;
  challenges::Runner& runner_;
  Grader& grader_;
  identity::AuditLog& audit_;
};

/// The row of a document.
[[nodiscard]] store::QuestionRecord RecordOf(const QuestionDocument& document, std::string text);

}  // namespace paddock::questions
