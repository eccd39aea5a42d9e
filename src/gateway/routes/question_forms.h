// What the routes of questions share: who reads, which question is meant, and the forms of results
// and verdicts.
//
// A question that the reader must not know of is not found, whatever is asked of it: FindQuestion
// is the one place that says so. Threading: loop thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aio/task.h"
#include "base/json_writer.h"
#include "base/result.h"
#include "challenges/runner.h"
#include "gateway/http.h"
#include "gateway/routes/context.h"
#include "questions/attempts.h"
#include "questions/bank.h"
#include "questions/document.h"
#include "questions/grading.h"

namespace paddock::gateway {

/// "lang": English when it was not given. kInvalid.
[[nodiscard]] Result<questions::Language> ReadLanguage(const Request& request);

/// A whole number from 1 on; nothing else names anything.
[[nodiscard]] std::optional<std::int64_t> ParseNumber(std::string_view text) noexcept;

struct BankView {
  questions::CatalogueRef catalogue;
  questions::Reader reader;
};
/// The bank, and what the caller may see of it. Fails like questions::Bank::Get.
[[nodiscard]] aio::Task<Result<BankView>> ViewBank(ApiContext& context,  // outlives the task
                                                   const Request& request);

/// The question in the path. kNotFound: there is none, or the caller must not know of it.
[[nodiscard]] aio::Task<Result<questions::BankQuestionRef>> FindQuestion(
    ApiContext& context,  // outlives the task
    const Request& request);

/// Whether the caller may change what `author` wrote.
[[nodiscard]] bool MayEdit(const Request& request, const std::optional<UserId>& author);

/// How many questions of each schema a reader sees.
[[nodiscard]] std::int64_t CountOf(const BankView& view, std::string_view schema);

void WriteSchemaFields(JsonWriter& out,
                       const questions::BankSchema& schema,
                       std::int64_t question_count,
                       questions::Language language);
/// "columns" and "rows" in an object of their own.
void WriteResultSet(JsonWriter& out, const challenges::ResultSet& result);
void WriteOutcome(JsonWriter& out, const challenges::RunOutcome& outcome);

/// What of a verdict the reader may see.
struct VerdictView {
  const questions::Grade& grade;
  const questions::QuestionDocument& document;
  questions::Language language;
  bool may_read_question;  // by the scopes of the credential
};
void WriteVerdict(JsonWriter& out, const VerdictView& view);

/// For errors of running and grading, whose reasons are for operators.
inline constexpr std::string_view kNotGraded =
    "This cannot be run now, and nothing was counted. Try again in a moment.";

}  // namespace paddock::gateway
