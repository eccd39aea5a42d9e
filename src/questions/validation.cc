#include "questions/validation.h"

#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace paddock::questions {
namespace {

using challenges::RunOutcome;
using Question = std::shared_ptr<const RunnableQuestion>;

// Not every SQLite has them in its grammar.
constexpr auto kProbes = std::to_array<std::pair<challenges::Shim, std::string_view>>(
    {{challenges::Shim::kLeft, "SELECT LEFT('a', 1)"},
     {challenges::Shim::kRight, "SELECT RIGHT('a', 1)"}});

std::string_view NameOf(challenges::LimitHit limit) {
  switch (limit) {
    case challenges::LimitHit::kNone: return "no limit";
    case challenges::LimitHit::kTime: return "the limit of time";
    case challenges::LimitHit::kRows: return "the limit of rows";
    case challenges::LimitHit::kBytes: return "the limit of bytes";
    case challenges::LimitHit::kCell: return "the limit of a value's size";
    case challenges::LimitHit::kMemory: return "the limit of memory";
    case challenges::LimitHit::kResults: return "the limit of results";
  }
  return "a limit";
}

std::string DatasetName(std::size_t dataset) {
  return dataset == 0 ? std::string("the visible dataset")
                      : fmt::format("hidden dataset {}", dataset);
}

class Validator {
 public:
  Validator(Grader& grader, Question question, yaml::Problems& problems)
      : grader_(grader), question_(std::move(question)), problems_(problems) {}

  aio::Task<Result<Preview>> Run(Deadline deadline) {
    auto offered = co_await CheckShims(deadline);
    if (!offered) {
      co_return Fail(std::move(offered).error());
    }
    for (std::size_t dataset = 0; dataset < question_->datasets.size(); ++dataset) {
      auto checked = co_await CheckReferences(dataset, deadline);
      if (!checked) {
        co_return Fail(std::move(checked).error());
      }
    }
    if (problems_.empty()) {
      auto checked = co_await CheckWrongAnswers(deadline);
      if (!checked) {
        co_return Fail(std::move(checked).error());
      }
    }
    co_return std::move(preview_);
  }

 private:
  void Add(const std::string& path, std::string_view message) {
    const auto line = question_->document.lines.find(path);
    problems_.Add(line == question_->document.lines.end() ? 1 : line->second, path, message);
  }

  /// Whether the outcome of a reference can be what answers are held against.
  bool CheckOutcome(const std::string& path, std::size_t dataset, const RunOutcome& outcome) {
    const std::string where = DatasetName(dataset);
    if (outcome.error) {
      Add(path, fmt::format("fails on {}: {}", where, outcome.error->message));
      if (dataset == 0 && !outcome.error->hint.empty()) {
        Add(path, outcome.error->hint);
      }
    } else if (outcome.limit != challenges::LimitHit::kNone) {
      Add(path, fmt::format("is cut short on {} by {}", where, NameOf(outcome.limit)));
    } else if (!outcome.deterministic) {
      Add(path, "is not deterministic: the same query may give another result next time");
    } else if (ResultOf(outcome, question_->document.changes_data()) == nullptr) {
      Add(path,
          "gives no result to compare; of a task that changes data, say in `check` what shows it");
    } else {
      return true;
    }
    return false;
  }

  /// Whether learners can call what the question promises them.
  aio::Task<Result<void>> CheckShims(Deadline deadline) {
    const bool is_sqlite = question_->datasets.front()->dialect == sql::Dialect::kSqlite;
    for (const auto& [shim, probe] : kProbes) {
      if (!is_sqlite || (question_->document.shims & static_cast<challenges::ShimSet>(shim)) == 0) {
        continue;
      }
      auto outcome = co_await grader_.Run(question_, 0, std::string(probe), deadline);
      if (!outcome) {
        co_return Fail(std::move(outcome).error());
      }
      // One with a detail is of a check, which may fail without the reference.
      if ((*outcome)->error && (*outcome)->error->detail.empty()) {
        Add("shims", fmt::format("{} has no LEFT( and RIGHT( in its grammar: run this question on "
                                 "MariaDB, or use substr",
                                 (*outcome)->engine_version));
        break;
      }
    }
    co_return Result<void>();
  }

  aio::Task<Result<void>> CheckReferences(std::size_t dataset, Deadline deadline) {
    challenges::RunOutcomeRef first;
    const auto& references = question_->document.references;
    for (std::size_t i = 0; i < references.size(); ++i) {
      auto outcome = co_await grader_.Run(question_, dataset, references[i], deadline);
      if (!outcome) {
        co_return Fail(std::move(outcome).error());
      }
      if (dataset == 0) {
        preview_.references.push_back(*outcome);
      }
      const std::string path = fmt::format("references[{}]", i);
      const bool is_sound = CheckOutcome(path, dataset, **outcome);
      if (is_sound && first != nullptr) {
        CheckAgreement(path, dataset, *first, **outcome);
      }
      if (is_sound && i == 0) {
        first = *outcome;
      }
    }
    co_return Result<void>();
  }

  void CheckAgreement(const std::string& path,
                      std::size_t dataset,
                      const RunOutcome& first,
                      const RunOutcome& outcome) {
    const auto verdict = CompareOutcomes(*question_, first, outcome);
    if (!verdict.same()) {
      Add(path, fmt::format("disagrees with references[0] on {}: {}", DatasetName(dataset),
                            challenges::Name(verdict.rule)));
    }
  }

  aio::Task<Result<void>> CheckWrongAnswers(Deadline deadline) {
    const auto& wrong = question_->document.wrong;
    for (std::size_t i = 0; i < wrong.size(); ++i) {
      auto grade = co_await grader_.JudgeAnswer(question_, wrong[i].query, deadline);
      if (!grade) {
        co_return Fail(std::move(grade).error());
      }
      if (grade->passed()) {
        Add(fmt::format("wrong[{}]", i), "is right on every dataset: add one on which it is not");
      }
      preview_.wrong.push_back({.outcome = grade->outcome, .rule = grade->rule});
    }
    co_return Result<void>();
  }

  Grader& grader_;
  Question question_;
  yaml::Problems& problems_;
  Preview preview_;
};

}  // namespace

std::vector<challenges::SchemaRef> DatasetsOf(const SchemaDocument& schema) {
  std::vector<challenges::SchemaRef> datasets;
  datasets.push_back(
      challenges::MakeSchema(schema.engine, fmt::format("{}\n{}", schema.script, schema.data)));
  for (const std::string& data : schema.hidden) {
    datasets.push_back(
        challenges::MakeSchema(schema.engine, fmt::format("{}\n{}", schema.script, data)));
  }
  return datasets;
}

aio::Task<Result<Preview>> ValidateQuestion(Grader& grader,
                                            Question question,
                                            yaml::Problems& problems,
                                            Deadline deadline) {
  Validator validator(grader, std::move(question), problems);
  auto preview = co_await validator.Run(deadline);
  co_return preview;
}

aio::Task<Result<void>> ValidateSchema(challenges::Runner& runner,
                                       SchemaDocument schema,
                                       yaml::Problems& problems,
                                       Deadline deadline) {
  const auto datasets = DatasetsOf(schema);
  for (std::size_t i = 0; i < datasets.size(); ++i) {
    challenges::RunRequest request{.schema = datasets[i], .query = "SELECT 1"};
    auto outcome = co_await runner.Run(std::move(request), deadline);
    if (!outcome && outcome.error().code != Code::kInvalid) {
      co_return Fail(std::move(outcome).error());
    }
    if (!outcome) {
      problems.Add(1, i == 0 ? "sql" : "hidden_sql",
                   fmt::format("fails on {}: {}", DatasetName(i), outcome.error().reason()));
    }
  }
  co_return Result<void>();
}

}  // namespace paddock::questions
