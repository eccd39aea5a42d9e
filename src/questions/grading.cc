#include "questions/grading.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "questions/order_keys.h"

namespace paddock::questions {
namespace {

using challenges::RunOutcome;
using challenges::RunOutcomeRef;
using challenges::Verdict;

Error NotGradable(const QuestionDocument& question, std::string_view why) {
  log::Warn("question {}: its reference does not run: {}", question.id, why);
  return {.code = Code::kUnavailable,
          .message =
              "This question cannot be graded now: its own answer does not run. Your answer "
              "was not counted; its author has to mend it."};
}

std::string WhyNotWhole(const RunOutcome& outcome) {
  return outcome.error ? outcome.error->message : std::string("a limit cut it short");
}

}  // namespace

const challenges::ResultSet* ResultOf(const RunOutcome& outcome, bool changes_data) noexcept {
  const auto& results = changes_data ? outcome.checks : outcome.results;
  if (results.empty()) {
    return nullptr;
  }
  return changes_data ? &results.front() : &results.back();
}

challenges::ComparisonPolicy PolicyOf(const RunnableQuestion& question,
                                      const challenges::ResultSet& reference) {
  using challenges::RowOrder;
  const CompareRules& rules = question.document.compare;
  challenges::ComparisonPolicy policy{.names = rules.names,
                                      .columns = rules.columns,
                                      .tolerance = rules.tolerance,
                                      .trim_text = rules.trim};
  policy.rows = rules.rows.value_or(RowOrder::kAny);
  if (rules.rows && *rules.rows != RowOrder::kKeys) {
    return policy;
  }
  // What the checks find says nothing of the order in which the answer was written.
  if (question.document.changes_data()) {
    return policy;
  }
  auto ordering = OrderingOf(question.document.references.front(), reference.columns,
                             question.datasets.front()->dialect);
  if (ordering.is_ordered) {
    policy.rows = ordering.keys ? RowOrder::kKeys : RowOrder::kExact;
    policy.order_keys = std::move(ordering.keys).value_or(std::vector<std::size_t>());
  } else if (rules.rows) {
    policy.rows = RowOrder::kExact;
  }
  return policy;
}

std::vector<Verdict> CompareChecks(const RunnableQuestion& question,
                                   const RunOutcome& expected,
                                   const RunOutcome& actual) {
  std::vector<Verdict> checks;
  const std::size_t count = std::min(expected.checks.size(), actual.checks.size());
  for (std::size_t i = 0; i < count; ++i) {
    const auto policy = PolicyOf(question, expected.checks[i]);
    checks.push_back(challenges::Compare(expected.checks[i], actual.checks[i], policy));
  }
  return checks;
}

Verdict CompareOutcomes(const RunnableQuestion& question,
                        const RunOutcome& expected,
                        const RunOutcome& actual) {
  if (!question.document.changes_data()) {
    const auto* const wanted = ResultOf(expected, false);
    const auto* const given = ResultOf(actual, false);
    if (wanted == nullptr || given == nullptr) {
      return {.rule = wanted == given ? challenges::Rule::kSame : challenges::Rule::kNoResult};
    }
    return challenges::Compare(*wanted, *given, PolicyOf(question, *wanted));
  }
  auto checks = CompareChecks(question, expected, actual);
  for (std::size_t i = 0; i < checks.size(); ++i) {
    if (!checks[i].same()) {
      if (i > 0) {  // places are those of the first check, which is the one that is shown
        checks[i] = {};
      }
      checks[i].rule = challenges::Rule::kState;
      return std::move(checks[i]);
    }
  }
  return {.rule = expected.checks.size() == actual.checks.size() ? challenges::Rule::kSame
                                                                 : challenges::Rule::kState};
}

aio::Task<Result<RunOutcomeRef>> Grader::Run(Question question,
                                             std::size_t dataset,
                                             std::string query,
                                             Deadline deadline) {
  challenges::RunRequest request{.schema = question->datasets.at(dataset),
                                 .query = std::move(query),
                                 .checks = question->document.checks,
                                 .shims = question->document.shims};
  auto outcome = co_await runner_.Run(std::move(request), deadline);
  if (!outcome && outcome.error().code == Code::kInvalid) {
    co_return Fail(NotGradable(question->document, outcome.error().message));
  }
  co_return outcome;
}

aio::Task<Result<RunOutcomeRef>> Grader::Expected(Question question,
                                                  std::size_t dataset,
                                                  Deadline deadline) {
  auto outcome = co_await Run(question, dataset, question->document.references.front(), deadline);
  if (outcome && !(*outcome)->is_whole()) {
    co_return Fail(NotGradable(question->document, WhyNotWhole(**outcome)));
  }
  co_return outcome;
}

aio::Task<Result<Grade>> Grader::JudgeAnswer(Question question,
                                             std::string query,
                                             Deadline deadline) {
  auto expected = co_await Expected(question, 0, deadline);
  if (!expected) {
    co_return Fail(std::move(expected).error());
  }
  auto outcome = co_await Run(question, 0, query, deadline);
  if (!outcome) {
    co_return Fail(std::move(outcome).error());
  }
  Grade grade{.rule = std::string(rules::kSame), .outcome = *outcome, .reference = *expected};
  if ((*outcome)->error) {
    grade.rule = rules::kError;
    co_return grade;
  }
  if ((*outcome)->limit != challenges::LimitHit::kNone) {
    grade.rule = rules::kLimit;
    co_return grade;
  }
  grade.checks = CompareChecks(*question, **expected, **outcome);
  grade.verdict = CompareOutcomes(*question, **expected, **outcome);
  if (!grade.verdict.same()) {
    grade.rule = challenges::Name(grade.verdict.rule);
    co_return grade;
  }
  auto passes = co_await PassesHidden(std::move(question), std::move(query), deadline);
  if (!passes) {
    co_return Fail(std::move(passes).error());
  }
  if (!*passes) {
    grade.rule = rules::kHiddenDataset;
  }
  co_return grade;
}

aio::Task<Result<Grade>> Grader::Judge(Question question, std::string query, Deadline deadline) {
  auto grade = co_await JudgeAnswer(question, query, deadline);
  const bool has_result =
      grade && grade->outcome->is_whole() && grade->rule != rules::kError && !grade->passed();
  if (!has_result) {
    co_return grade;
  }
  for (const WrongAnswer& wrong : question->document.wrong) {
    auto alike = co_await IsLike(question, query, wrong.query, deadline);
    if (!alike) {
      co_return Fail(std::move(alike).error());
    }
    if (*alike) {
      grade->rule = rules::kKnownWrong;
      grade->feedback = wrong.feedback;
      break;
    }
  }
  co_return grade;
}

/// Whether two queries do the same on a dataset; the first is as good as the reference there.
aio::Task<Result<bool>> Grader::IsSameOn(Question question,
                                         std::size_t dataset,
                                         std::string query,
                                         std::string other,
                                         Deadline deadline) {
  auto first = co_await Run(question, dataset, std::move(query), deadline);
  if (!first) {
    co_return Fail(std::move(first).error());
  }
  auto second = co_await Run(question, dataset, std::move(other), deadline);
  if (!second) {
    co_return Fail(std::move(second).error());
  }
  co_return ((*first)->is_whole() && (*second)->is_whole() &&
             CompareOutcomes(*question, **second, **first).same());
}

aio::Task<Result<bool>> Grader::PassesHidden(Question question,
                                             std::string query,
                                             Deadline deadline) {
  for (std::size_t dataset = 1; dataset < question->datasets.size(); ++dataset) {
    auto expected = co_await Expected(question, dataset, deadline);
    if (!expected) {
      co_return Fail(std::move(expected).error());
    }
    auto outcome = co_await Run(question, dataset, query, deadline);
    if (!outcome) {
      co_return Fail(std::move(outcome).error());
    }
    if (!(*outcome)->is_whole() || !CompareOutcomes(*question, **expected, **outcome).same()) {
      co_return false;
    }
  }
  co_return true;
}

/// On every dataset: two answers that are wrong in different ways may agree on one.
aio::Task<Result<bool>> Grader::IsLike(Question question,
                                       std::string query,
                                       std::string wrong,
                                       Deadline deadline) {
  for (std::size_t dataset = 0; dataset < question->datasets.size(); ++dataset) {
    auto same = co_await IsSameOn(question, dataset, query, wrong, deadline);
    if (!same || !*same) {
      co_return same;
    }
  }
  co_return true;
}

}  // namespace paddock::questions
