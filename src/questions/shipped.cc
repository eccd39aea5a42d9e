#include "questions/shipped.h"

#include <chrono>
#include <utility>

#include "base/log.h"
#include "questions/authoring.h"
#include "store/checksum.h"
#include "store/questions.h"

namespace paddock::questions {
namespace {

enum class Step : std::uint8_t { kAdd, kRenew, kKeep, kNothing };

/// What is to be done with a document, given the one that is there.
Step StepFor(const std::string& document,
             const std::optional<std::string>& shipped_digest,
             const std::string& digest) {
  if (!shipped_digest || store::ChecksumOf(document) != *shipped_digest) {
    return Step::kKeep;
  }
  return *shipped_digest == digest ? Step::kNothing : Step::kRenew;
}

class Shipper {
 public:
  Shipper(store::Database& database, std::string name_space, CatalogueRef catalogue)
      : database_(database), table_(std::move(name_space)), catalogue_(std::move(catalogue)) {}

  aio::Task<Result<ShippedCount>> Run(Sources sources, Deadline deadline) {
    for (SourceSchema& schema : sources.schemas) {
      auto put = co_await PutSchema(std::move(schema), deadline);
      if (!put) {
        co_return Fail(std::move(put).error());
      }
    }
    for (SourceQuestion& question : sources.questions) {
      auto put = co_await PutQuestion(std::move(question), deadline);
      if (!put) {
        co_return Fail(std::move(put).error());
      }
    }
    co_return count_;
  }

 private:
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

  aio::Task<Result<void>> PutSchema(SourceSchema schema, Deadline deadline) {
    const std::string digest = store::ChecksumOf(schema.document);
    const Step step = StepOf(schema, digest);
    store::QuestionSchemaRecord record{
        .id = schema.id, .document = std::move(schema.document), .shipped_digest = digest};
    const auto now = std::chrono::system_clock::now();
    store::Transaction transaction;
    if (step == Step::kAdd) {
      transaction.push_back(table_.InsertSchema(record, now));
    } else if (step == Step::kRenew) {
      record.version = catalogue_->schemas.at(schema.id)->record.version;
      transaction.push_back(table_.UpdateSchema(record, now));
    }
    auto written = co_await Write(step, std::move(transaction), schema.file, deadline);
    co_return written;
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

  aio::Task<Result<void>> PutQuestion(SourceQuestion question, Deadline deadline) {
    const std::string digest = store::ChecksumOf(question.document);
    const auto there = catalogue_->FindSlug(question.id);
    const Step step = StepOf(question, there, digest);
    yaml::Problems none(question.file);
    auto document = ParseQuestion(question.document, none);
    document.schema = question.schema;
    auto record = RecordOf(document, std::move(question.document));
    record.shipped_digest = digest;
    const auto now = std::chrono::system_clock::now();
    store::Transaction transaction;
    if (step == Step::kAdd) {
      transaction.push_back(table_.LockSchema(record.schema_id));
      transaction.push_back(table_.InsertQuestion(record, now));
    } else if (step == Step::kRenew) {
      record.number = there->record.number;
      record.version = there->record.version;
      transaction.push_back(table_.LockSchema(record.schema_id));
      transaction.push_back(table_.UpdateQuestion(record, now));
    }
    auto written = co_await Write(step, std::move(transaction), question.file, deadline);
    co_return written;
  }

  aio::Task<Result<void>> Write(Step step,
                                store::Transaction transaction,
                                std::string file,
                                Deadline deadline) {
    if (transaction.empty()) {
      count_.kept += step == Step::kKeep ? 1 : 0;
      co_return Result<void>();
    }
    auto written = co_await database_.Write(std::move(transaction), deadline);
    if (!written && written.error().code == Code::kConflict) {
      log::Warn("shipped {} was left out: {}", file, written.error().message);
      ++count_.kept;
      co_return Result<void>();
    }
    if (!written) {
      co_return Fail(std::move(written).error().With(file));
    }
    ++(step == Step::kAdd ? count_.added : count_.renewed);
    co_return Result<void>();
  }

  store::Database& database_;
  store::QuestionTable table_;
  CatalogueRef catalogue_;
  ShippedCount count_;
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
