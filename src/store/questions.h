// The tables of the question bank: schemas and questions, as their authors wrote them.
//
// QuestionTable makes the statements and reads their rows; questions/bank.h sends them. What is
// deleted keeps its row, for submissions speak of it and shipped content must not come back by
// itself. Each change, deleting included, is a version; who changes something names the version
// that they saw.
//
// Threading: pure functions and plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/ids.h"
#include "store/database.h"
#include "store/value.h"

namespace paddock::store {

struct QuestionSchemaRecord {
  std::string id;
  std::string document;
  std::int64_t version = 1;
  std::optional<UserId> author = std::nullopt;
  std::optional<std::string> shipped_digest = std::nullopt;
  bool deleted = false;
  SystemTime created_at = {};  // NOLINT: may be left out. Not written
  SystemTime updated_at = {};  // NOLINT: may be left out. Not written
};

struct QuestionRecord {
  std::int64_t number = 0;  // of an insertion: 0 lets the table choose
  std::string slug;
  std::string schema_id;
  std::string document;
  std::string difficulty;
  std::string category;
  std::string visibility;
  std::int64_t version = 1;
  std::optional<UserId> author = std::nullopt;
  std::optional<std::string> shipped_digest = std::nullopt;
  bool deleted = false;
  SystemTime created_at = {};  // NOLINT: may be left out. Not written
  SystemTime updated_at = {};  // NOLINT: may be left out. Not written
};

/// Changes with every change of the bank.
struct BankRevision {
  std::int64_t schema_versions = 0;  // the sums of all versions
  std::int64_t question_versions = 0;
  friend bool operator==(const BankRevision&, const BankRevision&) = default;
};

/// Numbers that nobody chose begin here; shipped content has those below.
inline constexpr std::int64_t kFirstFreeNumber = 1001;

class QuestionTable {
 public:
  explicit QuestionTable(std::string name_space) : name_space_(std::move(name_space)) {}

  [[nodiscard]] Statement SelectRevision() const;
  [[nodiscard]] static Result<BankRevision> ReadRevision(const Rows& rows);

  /// A page by id, what is deleted included; `after` is the last of the page before, or "".
  [[nodiscard]] Statement SelectSchemas(const std::string& after, std::int64_t limit) const;
  [[nodiscard]] static Result<std::vector<QuestionSchemaRecord>> ReadSchemas(const Rows& rows);
  /// The same by number, after `after`.
  [[nodiscard]] Statement SelectQuestions(std::int64_t after, std::int64_t limit) const;
  [[nodiscard]] static Result<std::vector<QuestionRecord>> ReadQuestions(const Rows& rows);

  /// Puts a schema, also where one was deleted. kConflict: it is there.
  [[nodiscard]] Statement InsertSchema(const QuestionSchemaRecord& record, SystemTime now) const;
  /// kConflict: it is not of version `record.version` any more.
  [[nodiscard]] Statement UpdateSchema(const QuestionSchemaRecord& record, SystemTime now) const;
  /// kConflict: a question uses it, or it is gone.
  [[nodiscard]] Statement DeleteSchema(const std::string& id, SystemTime now) const;

  /// Locks a schema that is there, for the transaction of a question of it. kConflict.
  [[nodiscard]] Statement LockSchema(const std::string& id) const;
  /// Returns the number. Puts it also where one of this slug was deleted, which keeps its number.
  /// kConflict: the slug or the number is taken; of a number that the table chose, try again.
  [[nodiscard]] Statement InsertQuestion(const QuestionRecord& record, SystemTime now) const;
  /// By number. kConflict: it is not of version `record.version` any more.
  [[nodiscard]] Statement UpdateQuestion(const QuestionRecord& record, SystemTime now) const;
  [[nodiscard]] Statement DeleteQuestion(std::int64_t number, SystemTime now) const;

 private:
  std::string name_space_;
};

}  // namespace paddock::store
