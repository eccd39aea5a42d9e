#include "store/questions.h"

#include <utility>

#include "store/records.h"

namespace paddock::store {
namespace {

/// The columns that both tables end with.
template <class Record>
void ReadProvenance(RowReader& reader, Record& record) {
  record.version = reader.Integer();
  if (auto author = reader.OptionalText()) {
    record.author = UserId(*std::move(author));
  }
  record.shipped_digest = reader.OptionalText();
  record.deleted = reader.OptionalInteger().has_value();
  record.created_at = reader.Time();
  record.updated_at = reader.Time();
}

QuestionSchemaRecord ReadSchema(RowReader& reader) {
  QuestionSchemaRecord record;
  record.id = reader.Text();
  record.document = reader.Text();
  ReadProvenance(reader, record);
  return record;
}

QuestionRecord ReadQuestion(RowReader& reader) {
  QuestionRecord record;
  record.number = reader.Integer();
  record.slug = reader.Text();
  record.schema_id = reader.Text();
  record.document = reader.Text();
  record.difficulty = reader.Text();
  record.category = reader.Text();
  record.visibility = reader.Text();
  ReadProvenance(reader, record);
  return record;
}

BankRevision ReadSums(RowReader& reader) {
  BankRevision revision;
  revision.schema_versions = reader.Integer();
  revision.question_versions = reader.Integer();
  return revision;
}

Value AuthorOf(const std::optional<UserId>& author) {
  return author ? Value(author->value()) : Value();
}

Error Changed() {
  return {.code = Code::kConflict,
          .message = "Somebody else changed it in the meantime: load it again."};
}

}  // namespace

Statement QuestionTable::SelectRevision() const {
  return {.sql =
              "SELECT (SELECT CAST(COALESCE(SUM(version), 0) AS BIGINT) FROM question_schemas "
              "WHERE namespace = ?), (SELECT CAST(COALESCE(SUM(version), 0) AS BIGINT) "
              "FROM questions WHERE namespace = ?)",
          .values = {name_space_, name_space_}};
}

Result<BankRevision> QuestionTable::ReadRevision(const Rows& rows) {
  return ReadOne<BankRevision>(rows, ReadSums, "the bank has no revision");
}

Statement QuestionTable::SelectSchemas(const std::string& after, std::int64_t limit) const {
  return {.sql =
              "SELECT id, document, version, author_id, shipped_digest, deleted_at, created_at, "
              "updated_at "
              "FROM question_schemas WHERE namespace = ? AND id > ? ORDER BY id LIMIT ?",
          .values = {name_space_, after, limit}};
}

Result<std::vector<QuestionSchemaRecord>> QuestionTable::ReadSchemas(const Rows& rows) {
  return ReadAll<QuestionSchemaRecord>(rows, ReadSchema);
}

Statement QuestionTable::SelectQuestions(std::int64_t after, std::int64_t limit) const {
  return {
      .sql =
          "SELECT number, slug, schema_id, document, difficulty, category, visibility, "
          "version, author_id, shipped_digest, deleted_at, created_at, updated_at FROM questions "
          "WHERE namespace = ? AND number > ? ORDER BY number LIMIT ?",
      .values = {name_space_, after, limit}};
}

Result<std::vector<QuestionRecord>> QuestionTable::ReadQuestions(const Rows& rows) {
  return ReadAll<QuestionRecord>(rows, ReadQuestion);
}

Statement QuestionTable::InsertSchema(const QuestionSchemaRecord& record, SystemTime now) const {
  return {.sql =
              "INSERT INTO question_schemas (namespace, id, document, version, author_id, "
              "shipped_digest, created_at, updated_at) VALUES (?, ?, ?, 1, ?, ?, ?, ?) "
              "ON CONFLICT (namespace, id) DO UPDATE SET document = excluded.document, "
              "version = question_schemas.version + 1, author_id = excluded.author_id, "
              "shipped_digest = excluded.shipped_digest, updated_at = excluded.updated_at, "
              "deleted_at = NULL WHERE question_schemas.deleted_at IS NOT NULL",
          .values = {name_space_, record.id, record.document, AuthorOf(record.author),
                     ToValue(record.shipped_digest), ToValue(now), ToValue(now)},
          .if_none = Error{.code = Code::kConflict,
                           .message = "There is a schema of this id already: choose another."}};
}

Statement QuestionTable::UpdateSchema(const QuestionSchemaRecord& record, SystemTime now) const {
  return {.sql =
              "UPDATE question_schemas SET document = ?, shipped_digest = ?, "
              "version = version + 1, updated_at = ? "
              "WHERE namespace = ? AND id = ? AND version = ? AND deleted_at IS NULL",
          .values = {record.document, ToValue(record.shipped_digest), ToValue(now), name_space_,
                     record.id, record.version},
          .if_none = Changed()};
}

Statement QuestionTable::DeleteSchema(const std::string& id, SystemTime now) const {
  return {.sql =
              "UPDATE question_schemas SET deleted_at = ?, updated_at = ?, version = version + 1 "
              "WHERE namespace = ? AND id = ? AND deleted_at IS NULL AND NOT EXISTS "
              "(SELECT 1 FROM questions q WHERE q.namespace = question_schemas.namespace "
              "AND q.schema_id = question_schemas.id AND q.deleted_at IS NULL)",
          .values = {ToValue(now), ToValue(now), name_space_, id},
          .if_none = Error{.code = Code::kConflict,
                           .message = "Questions use this schema: delete or move them first."}};
}

Statement QuestionTable::LockSchema(const std::string& id) const {
  return {.sql =
              "UPDATE question_schemas SET id = id "
              "WHERE namespace = ? AND id = ? AND deleted_at IS NULL",
          .values = {name_space_, id},
          .if_none = Error{.code = Code::kConflict,
                           .message = "The schema of the question is not there any more."}};
}

Statement QuestionTable::InsertQuestion(const QuestionRecord& record, SystemTime now) const {
  Statement statement{
      .sql =
          "INSERT INTO questions (namespace, number, slug, schema_id, document, difficulty, "
          "category, visibility, version, author_id, shipped_digest, created_at, updated_at) "
          "VALUES (?, ",
      .values = {name_space_},
      .if_none = Error{.code = Code::kConflict,
                       .message = "There is a question of this id already: choose another."},
      .if_taken =
          Error{.code = Code::kConflict, .message = "There is a question of this number already."}};
  if (record.number > 0) {
    statement.sql += "?";
    statement.values.emplace_back(record.number);
  } else {
    statement.sql +=
        "(SELECT CASE WHEN COALESCE(MAX(n.number), 0) < ? THEN ? ELSE MAX(n.number) + 1 END "
        "FROM questions n WHERE n.namespace = ?)";
    statement.values.insert(statement.values.end(),
                            {kFirstFreeNumber - 1, kFirstFreeNumber, name_space_});
  }
  statement.sql +=
      ", ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?) ON CONFLICT (namespace, slug) DO UPDATE SET "
      "schema_id = excluded.schema_id, document = excluded.document, "
      "difficulty = excluded.difficulty, category = excluded.category, "
      "visibility = excluded.visibility, version = questions.version + 1, "
      "author_id = excluded.author_id, shipped_digest = excluded.shipped_digest, "
      "updated_at = excluded.updated_at, deleted_at = NULL "
      "WHERE questions.deleted_at IS NOT NULL RETURNING number";
  statement.values.insert(statement.values.end(),
                          {record.slug, record.schema_id, record.document, record.difficulty,
                           record.category, record.visibility, AuthorOf(record.author),
                           ToValue(record.shipped_digest), ToValue(now), ToValue(now)});
  return statement;
}

Statement QuestionTable::UpdateQuestion(const QuestionRecord& record, SystemTime now) const {
  return {.sql =
              "UPDATE questions SET slug = ?, schema_id = ?, document = ?, difficulty = ?, "
              "category = ?, visibility = ?, shipped_digest = ?, version = version + 1, "
              "updated_at = ? "
              "WHERE namespace = ? AND number = ? AND version = ? AND deleted_at IS NULL",
          .values = {record.slug, record.schema_id, record.document, record.difficulty,
                     record.category, record.visibility, ToValue(record.shipped_digest),
                     ToValue(now), name_space_, record.number, record.version},
          .if_none = Changed(),
          .if_taken = Error{.code = Code::kConflict,
                            .message = "There is a question of this id already: choose another."}};
}

Statement QuestionTable::DeleteQuestion(std::int64_t number, SystemTime now) const {
  return {.sql =
              "UPDATE questions SET deleted_at = ?, updated_at = ?, version = version + 1 "
              "WHERE namespace = ? AND number = ? AND deleted_at IS NULL",
          .values = {ToValue(now), ToValue(now), name_space_, number},
          .if_none = Error{.code = Code::kNotFound, .message = "There is no such question."}};
}

}  // namespace paddock::store
