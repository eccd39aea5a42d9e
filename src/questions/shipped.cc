#include "questions/shipped.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/log.h"
#include "crypto/sha256.h"
#include "questions/authoring.h"
#include "store/questions.h"

namespace paddock::questions {
namespace {

enum class Step : std::uint8_t { kAdd, kRenew, kKeep, kNothing };

/// What is to be done with a document, given the one that is there.
Step StepFor(const std::string& document,
             const std::optional<std::string>& shipped_digest,
             const std::string& digest) {
  if (!shipped_digest || crypto::Sha256Of(document) != *shipped_digest) {
    return Step::kKeep;
  }
  return *shipped_digest == digest ? Step::kNothing : Step::kRenew;
}

/// How one document gets into the bank; nothing is to be written for most of them.
struct Planned {
  std::string file;
  Step step = Step::kNothing;
  store::Transaction transaction;
};

class Shipper {
 public:
  Shipper(store::Database& database, std::string name_space, CatalogueRef catalogue)
      : database_(database), table_(std::move(name_space)), catalogue_(std::move(catalogue)) {}

  /// All at once, so that nobody who reads meanwhile sees a part of it; and one after the other
  /// where somebody else has a number or a slug, who keeps it.
  aio::Task<Result<ShippedCount>> Run(Sources sources, Deadline deadline) {
    auto plan = PlanOf(std::move(sources));
    store::Transaction all;
    for (const Planned& planned : plan) {
      all.insert(all.end(), planned.transaction.begin(), planned.transaction.end());
    }
    if (all.empty()) {
      co_return CountOf(plan);
    }
    auto written = co_await database_.Write(std::move(all), deadline);
    if (written) {
      co_return CountOf(plan);
    }
    if (written.error().code != Code::kConflict) {
      co_return Fail(std::move(written).error().With("shipped content"));
    }
    auto count = co_await WriteOneByOne(std::move(plan), deadline);
    co_return count;
  }

 private:
  [[nodiscard]] std::vector<Planned> PlanOf(Sources sources) const {
    std::vector<Planned> plan;
    plan.reserve(sources.schemas.size() + sources.questions.size());
    for (SourceSchema& schema : sources.schemas) {
      plan.push_back(PlanSchema(std::move(schema)));
    }
    for (SourceQuestion& question : sources.questions) {
      plan.push_back(PlanQuestion(std::move(question)));
    }
    return plan;
  }
  static ShippedCount CountOf(const std::vector<Planned>& plan) {
    const auto count = [&](Step step) {
      return static_cast<int>(std::ranges::count(plan, step, &Planned::step));
    };
    return {.added = count(Step::kAdd), .renewed = count(Step::kRenew), .kept = count(Step::kKeep)};
  }

  [[nodiscard]] Step StepOf(const SourceSchema& schema, const std::string& digest) const {
    if (catalogue_->deleted_schemas.contains(schema.id)) {
      return Step::kKeep;
    }
    const auto found = catalogue_->schemas.find(schema.id);
    return found == catalogue_->schemas.end()
               ? Step::kAdd
               : StepFor(found->second->record.document, found->second->record.shipped_digest,
                         digest);
  }

  [[nodiscard]] Planned PlanSchema(SourceSchema schema) const {
    const std::string digest = crypto::Sha256Of(schema.document);
    Planned planned{
        .file = std::move(schema.file), .step = StepOf(schema, digest), .transaction = {}};
    store::QuestionSchemaRecord record{
        .id = schema.id, .document = std::move(schema.document), .shipped_digest = digest};
    const auto now = std::chrono::system_clock::now();
    if (planned.step == Step::kAdd) {
      planned.transaction.push_back(table_.InsertSchema(record, now));
    } else if (planned.step == Step::kRenew) {
      record.version = catalogue_->schemas.at(schema.id)->record.version;
      planned.transaction.push_back(table_.UpdateSchema(record, now));
    }
    return planned;
  }

  [[nodiscard]] Step StepOf(const SourceQuestion& question,
                            const BankQuestionRef& there,
                            const std::string& digest) const {
    if (catalogue_->deleted_questions.contains(question.id)) {
      return Step::kKeep;
    }
    return there == nullptr ? Step::kAdd
                            : StepFor(there->record.document, there->record.shipped_digest, digest);
  }

  [[nodiscard]] Planned PlanQuestion(SourceQuestion question) const {
    const std::string digest = crypto::Sha256Of(question.document);
    const auto there = catalogue_->FindSlug(question.id);
    Planned planned{
        .file = question.file, .step = StepOf(question, there, digest), .transaction = {}};
    yaml::Problems none(question.file);
    auto document = ParseQuestion(question.document, none);
    document.schema = question.schema;
    auto record = RecordOf(document, std::move(question.document));
    record.shipped_digest = digest;
    const auto now = std::chrono::system_clock::now();
    if (planned.step == Step::kAdd) {
      planned.transaction.push_back(table_.LockSchema(record.schema_id));
      planned.transaction.push_back(table_.InsertQuestion(record, now));
    } else if (planned.step == Step::kRenew) {
      record.number = there->record.number;
      record.version = there->record.version;
      planned.transaction.push_back(table_.LockSchema(record.schema_id));
      planned.transaction.push_back(table_.UpdateQuestion(record, now));
    }
    return planned;
  }

  aio::Task<Result<ShippedCount>> WriteOneByOne(std::vector<Planned> plan, Deadline deadline) {
    for (Planned& planned : plan) {
      if (planned.transaction.empty()) {
        continue;
      }
      auto written = co_await database_.Write(std::move(planned.transaction), deadline);
      if (!written && written.error().code != Code::kConflict) {
        co_return Fail(std::move(written).error().With(planned.file));
      }
      if (!written) {
        log::Warn("shipped {} was left out: {}", planned.file, written.error().message);
        planned.step = Step::kKeep;
      }
    }
    co_return CountOf(plan);
  }

  store::Database& database_;
  store::QuestionTable table_;
  CatalogueRef catalogue_;
};

}  // namespace

aio::Task<Result<ShippedCount>> PutShipped(store::Database& database,
                                           std::string name_space,
                                           Bank& bank,
                                           Sources sources,
                                           Deadline deadline) {
  auto catalogue = co_await bank.Get(deadline);
  if (!catalogue) {
    co_return Fail(std::move(catalogue).error());
  }
  for (const std::string& problem : sources.problems) {
    log::Error("shipped content: {}", problem);
  }
  Shipper shipper(database, std::move(name_space), *std::move(catalogue));
  auto count = co_await shipper.Run(std::move(sources), deadline);
  bank.Expire();
  co_return count;
}

}  // namespace paddock::questions
