// Validation: what only a run tells about a document, before it is kept.
//
// Every reference must run, be whole and deterministic, and agree with the first on every dataset;
// no wrong answer may pass. Used by authoring, by imports and by `paddock questions check`.
// Threading: loop thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "challenges/runner.h"
#include "questions/grading.h"
#include "yaml/fields.h"

namespace paddock::questions {

struct WrongPreview {
  challenges::RunOutcomeRef outcome;
  std::string rule;
};

/// On the visible dataset.
struct Preview {
  std::vector<challenges::RunOutcomeRef> references;
  std::vector<WrongPreview> wrong;
};

/// What is wrong goes to `problems`, which outlives the task. Fails like Runner::Run when it could
/// not be tried: then nothing is known.
[[nodiscard]] aio::Task<Result<Preview>> ValidateQuestion(
    Grader& grader,  // outlives the task
    std::shared_ptr<const RunnableQuestion> question,
    yaml::Problems& problems,
    Deadline deadline);

/// The scripts of a schema, each dataset on its own.
[[nodiscard]] aio::Task<Result<void>> ValidateSchema(
    challenges::Runner& runner,  // outlives the task
    SchemaDocument schema,
    yaml::Problems& problems,
    Deadline deadline);

/// The datasets of a schema, as they are run: the visible one first.
[[nodiscard]] std::vector<challenges::SchemaRef> DatasetsOf(const SchemaDocument& schema);

}  // namespace paddock::questions
