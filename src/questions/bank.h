// Bank: all schemas and questions that there are, in memory, as the store last had them.
//
// Used by authoring, attempts and the routes. The store is asked for its revision at most every
// kFreshFor, and only then read when that changed: another process may write to it too. Readers
// hold a Catalogue, which never changes; what a reader may see of it is visibility.h's.
//
// Threading: loop thread only. Ownership: the database outlives it and its pending calls.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "questions/document.h"
#include "questions/grading.h"
#include "questions/visibility.h"
#include "store/database.h"
#include "store/questions.h"

namespace paddock::questions {

struct BankSchema {
  store::QuestionSchemaRecord record;
  SchemaDocument document;
  std::vector<challenges::SchemaRef> datasets;
};
using BankSchemaRef = std::shared_ptr<const BankSchema>;

struct BankQuestion {
  store::QuestionRecord record;
  BankSchemaRef schema;
  std::shared_ptr<const RunnableQuestion> runnable;

  [[nodiscard]] const QuestionDocument& document() const noexcept { return runnable->document; }
};
using BankQuestionRef = std::shared_ptr<const BankQuestion>;

struct Catalogue {
  std::map<std::string, BankSchemaRef, std::less<>> schemas;
  std::map<std::int64_t, BankQuestionRef> questions;
  /// Slugs and ids of what was deleted, which shipped content must not bring back.
  std::map<std::string, std::int64_t, std::less<>> deleted_questions;
  std::map<std::string, bool, std::less<>> deleted_schemas;
  store::BankRevision revision;

  [[nodiscard]] BankQuestionRef FindSlug(std::string_view slug) const;
  /// Null: there is none, or `reader` must not know of it.
  [[nodiscard]] BankQuestionRef Find(std::int64_t number, const Reader& reader) const;
  [[nodiscard]] std::vector<BankQuestionRef> VisibleTo(const Reader& reader) const;
  /// Whether some question is only for the members of a class: only then it matters who is.
  bool has_class_questions = false;
};
using CatalogueRef = std::shared_ptr<const Catalogue>;

class Bank {
 public:
  static constexpr std::chrono::seconds kFreshFor{2};
  static constexpr std::int64_t kSchemasPerPage = 16;
  static constexpr std::int64_t kQuestionsPerPage = 200;
  static constexpr std::size_t kQuestionsMax = 20'000;
  static constexpr int kLoadsMax = 5;  // of one Get, while others write

  Bank(store::Database& database, std::string name_space)
      : database_(database), table_(std::move(name_space)) {}

  /// What Get would give at once; null when it has to look first.
  [[nodiscard]] CatalogueRef Fresh() const;
  /// The bank as it was at one moment. Fails like store::Database::Read; kExhausted: there are more
  /// than kQuestionsMax; kUnavailable: it was never read without a change in between.
  [[nodiscard]] aio::Task<Result<CatalogueRef>> Get(Deadline deadline);
  /// The next Get asks the store: something was written.
  void Expire() noexcept {
    ++writes_;
    checked_at_.reset();
  }

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] aio::Task<Result<store::BankRevision>> ReadRevision(Deadline deadline);
  [[nodiscard]] aio::Task<Result<std::shared_ptr<Catalogue>>> Load(Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> LoadSchemas(Catalogue& catalogue,  // outlives the task
                                                    Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> LoadQuestions(Catalogue& catalogue,  // outlives the task
                                                      Deadline deadline);
  void Put(Catalogue& catalogue, store::QuestionSchemaRecord record) const;
  void Put(Catalogue& catalogue, store::QuestionRecord record) const;

  store::Database& database_;
  store::QuestionTable table_;
  CatalogueRef current_ = std::make_shared<const Catalogue>();
  std::optional<Clock::time_point> checked_at_ = std::nullopt;
  std::uint64_t writes_ = 0;  // that this process knows of
};

}  // namespace paddock::questions
