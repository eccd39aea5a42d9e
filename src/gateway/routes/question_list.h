// The list of questions: what it is asked with, filtering, and its form.
//
// Used by question_routes.h. Threading: pure; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "gateway/http.h"
#include "questions/bank.h"
#include "questions/document.h"
#include "store/attempts.h"

namespace paddock::gateway {

struct QuestionQuery {
  std::optional<std::string> search = std::nullopt;
  std::optional<questions::Difficulty> difficulty = std::nullopt;
  std::optional<std::string> category = std::nullopt;
  std::optional<std::string> schema = std::nullopt;
  std::optional<bool> solved = std::nullopt;
  questions::Language language = questions::Language::kEnglish;
  std::int64_t after = 0;
  std::int64_t limit = 50;
};

/// kInvalid names the parameter.
[[nodiscard]] Result<QuestionQuery> ReadQuestionQuery(const Request& request);

struct QuestionListing {
  std::vector<questions::BankQuestionRef> visible;  // by number, of this reader alone
  std::map<std::int64_t, store::ProgressRecord> progress;
  std::map<std::int64_t, store::PassCount> counts;
};

/// {questions, categories, next}.
[[nodiscard]] std::string WriteQuestionList(const QuestionListing& listing,
                                            const QuestionQuery& query);

}  // namespace paddock::gateway
