#include "store/external_databases.h"

#include "store/records.h"

namespace paddock::store {
namespace {

constexpr const char* kMissing = "There is no registered database of this name.";

ExternalDatabaseRecord ReadDatabase(RowReader& reader) {
  ExternalDatabaseRecord record{.name = reader.Text(),
                                .engine = reader.Text(),
                                .dsn = reader.Text(),
                                .password = reader.Text(),
                                .created_at = reader.Time(),
                                .updated_at = reader.Time()};
  return record;
}

Error Missing() { return {.code = Code::kNotFound, .message = kMissing}; }

}  // namespace

aio::Task<Result<std::vector<ExternalDatabaseRecord>>> ExternalDatabases::List(Deadline deadline) {
  Statement statement{.sql =
                          "SELECT name, engine, dsn, password, created_at, updated_at "
                          "FROM external_databases WHERE namespace = ? ORDER BY name LIMIT ?",
                      .values = {name_space_, kListedMax}};
  auto rows = co_await database_.Read(std::move(statement), deadline);
  co_return ReadAll(rows, ReadDatabase);
}

aio::Task<Result<ExternalDatabaseRecord>> ExternalDatabases::Find(std::string name,
                                                                  Deadline deadline) {
  Statement statement{.sql =
                          "SELECT name, engine, dsn, password, created_at, updated_at "
                          "FROM external_databases WHERE namespace = ? AND name = ?",
                      .values = {name_space_, std::move(name)}};
  auto rows = co_await database_.Read(std::move(statement), deadline);
  co_return ReadOne(rows, ReadDatabase, kMissing);
}

Statement ExternalDatabases::Insert(const ExternalDatabaseRecord& record) const {
  return {.sql =
              "INSERT INTO external_databases (namespace, name, engine, dsn, password, created_at, "
              "updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
          .values = {name_space_, record.name, record.engine, record.dsn, record.password,
                     ToValue(record.created_at), ToValue(record.updated_at)},
          .if_taken = Error{.code = Code::kConflict,
                            .message = "There is a registered database of this name already."}};
}

Statement ExternalDatabases::Update(const ExternalDatabaseRecord& record) const {
  return {.sql =
              "UPDATE external_databases SET engine = ?, dsn = ?, password = ?, updated_at = ? "
              "WHERE namespace = ? AND name = ?",
          .values = {record.engine, record.dsn, record.password, ToValue(record.updated_at),
                     name_space_, record.name},
          .if_none = Missing()};
}

Statement ExternalDatabases::Delete(const std::string& name) const {
  return {.sql = "DELETE FROM external_databases WHERE namespace = ? AND name = ?",
          .values = {name_space_, name},
          .if_none = Missing()};
}

}  // namespace paddock::store
