// QuestionTarget: where `paddock questions import` puts documents.
//
// Implementations: question_client.h (a running server, through its API) and store_questions.h (a
// store that no server uses). Used by questions_command.h. Threading: one call at a time.
#pragma once

#include <cstdint>

#include "aio/task.h"
#include "base/result.h"
#include "questions/sources.h"

namespace paddock::app {

enum class PutOutcome : std::uint8_t { kAdded, kChanged, kUnchanged };

class QuestionTarget {
 public:
  QuestionTarget() = default;
  QuestionTarget(const QuestionTarget&) = delete;
  QuestionTarget& operator=(const QuestionTarget&) = delete;
  virtual ~QuestionTarget() = default;

  // Each is there whole or not at all. kInvalid: the document, with a line for each mistake.

  /// Adds it, or changes what is there to it.
  [[nodiscard]] virtual aio::Task<Result<PutOutcome>> PutSchema(questions::SourceSchema schema) = 0;
  [[nodiscard]] virtual aio::Task<Result<PutOutcome>> PutQuestion(
      questions::SourceQuestion question) = 0;
};

}  // namespace paddock::app
