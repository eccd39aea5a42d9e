// Grader: whether a learner's query answers a question, on every dataset, and if not, why.
//
// The reference runs beside the learner's query, each on a fresh database; the runner's cache keeps
// the reference from costing more than once. A fault of ours or of the question is an Error and no
// verdict: nobody's attempt fails by it. Of datasets that are hidden nothing comes out but that
// something differs there.
//
// Used by attempts.h and validation.h. Threading: loop thread. Ownership: the runner outlives it
// and its pending calls.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "challenges/comparison.h"
#include "challenges/runner.h"
#include "questions/document.h"

namespace paddock::questions {

/// A question with what it needs to be run. Immutable and shared.
struct RunnableQuestion {
  QuestionDocument document;
  std::vector<challenges::SchemaRef> datasets;  // the visible one first; never empty
};

/// One rule more than the comparison knows.
namespace rules {
inline constexpr std::string_view kSame = "same";
inline constexpr std::string_view kError = "error";
inline constexpr std::string_view kLimit = "limit";
inline constexpr std::string_view kKnownWrong = "known_wrong";
inline constexpr std::string_view kHiddenDataset = "hidden_dataset";
}  // namespace rules

struct Grade {
  std::string rule;                     // "same", or why it does not pass; as the API says it
  challenges::RunOutcomeRef outcome;    // the learner's, on the visible dataset
  challenges::RunOutcomeRef reference;  // the expected one, on the same
  challenges::Verdict verdict = {};     // of the visible dataset
  /// Of a task that changes data: of each check, on the visible dataset. Empty without a whole run.
  std::vector<challenges::Verdict> checks = {};  // NOLINT: may be left out
  Text feedback = {};                            // the author's, of kKnownWrong

  [[nodiscard]] bool passed() const noexcept { return rule == rules::kSame; }
};

/// The result that counts: the last that the query gave, or the first check's. Null: none.
[[nodiscard]] const challenges::ResultSet* ResultOf(const challenges::RunOutcome& outcome,
                                                    bool changes_data) noexcept;

/// How results of `question` are compared; `reference` is the expected one.
[[nodiscard]] challenges::ComparisonPolicy PolicyOf(const RunnableQuestion& question,
                                                    const challenges::ResultSet& reference);

/// Of a task that changes data: what each check found in two whole outcomes.
[[nodiscard]] std::vector<challenges::Verdict> CompareChecks(const RunnableQuestion& question,
                                                             const challenges::RunOutcome& expected,
                                                             const challenges::RunOutcome& actual);

/// Of two whole outcomes: by their results, or by what the checks find. The first difference
/// counts.
[[nodiscard]] challenges::Verdict CompareOutcomes(const RunnableQuestion& question,
                                                  const challenges::RunOutcome& expected,
                                                  const challenges::RunOutcome& actual);

class Grader {
 public:
  explicit Grader(challenges::Runner& runner) : runner_(runner) {}

  using Question = std::shared_ptr<const RunnableQuestion>;

  /// What the query does on a dataset; nothing is graded. Fails like Runner::Run.
  [[nodiscard]] aio::Task<Result<challenges::RunOutcomeRef>> Run(Question question,
                                                                 std::size_t dataset,
                                                                 std::string query,
                                                                 Deadline deadline);

  /// The expected outcome on a dataset. kUnavailable: the reference itself does not run.
  [[nodiscard]] aio::Task<Result<challenges::RunOutcomeRef>> Expected(Question question,
                                                                      std::size_t dataset,
                                                                      Deadline deadline);

  /// Fails like Expected and Runner::Run, and then nothing is said of the query.
  [[nodiscard]] aio::Task<Result<Grade>> Judge(Question question,
                                               std::string query,
                                               Deadline deadline);

  /// The same without asking whether the answer is one that the author knows to be wrong.
  [[nodiscard]] aio::Task<Result<Grade>> JudgeAnswer(Question question,
                                                     std::string query,
                                                     Deadline deadline);

 private:
  [[nodiscard]] aio::Task<Result<bool>> IsSameOn(Question question,
                                                 std::size_t dataset,
                                                 std::string query,
                                                 std::string other,
                                                 Deadline deadline);
  [[nodiscard]] aio::Task<Result<bool>> PassesHidden(Question question,
                                                     std::string query,
                                                     Deadline deadline);
  [[nodiscard]] aio::Task<Result<bool>> IsLike(Question question,
                                               std::string query,
                                               std::string wrong,
                                               Deadline deadline);

  challenges::Runner& runner_;
};

}  // namespace paddock::questions
