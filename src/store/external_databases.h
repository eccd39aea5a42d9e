// ExternalDatabases: the table of databases outside that admins have registered.
//
// What it holds is a secret: a record is not for any log, answer or message.
// Used by databases::Registry. Threading: loop thread only. Ownership: the database outlives it and
// its pending calls.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "store/database.h"
#include "store/value.h"

namespace paddock::store {

struct ExternalDatabaseRecord {
  std::string name;
  std::string engine;
  std::string dsn;       // without its password, once that is sealed
  std::string password;  // sealed; empty: it is in `dsn` still
  SystemTime created_at;
  SystemTime updated_at;
};

class ExternalDatabases {
 public:
  static constexpr std::int64_t kListedMax = 100;

  ExternalDatabases(Database& database, std::string name_space)
      : database_(database), name_space_(std::move(name_space)) {}

  /// By name. Fails as Database::Read.
  [[nodiscard]] aio::Task<Result<std::vector<ExternalDatabaseRecord>>> List(Deadline deadline);
  /// kNotFound, and as List.
  [[nodiscard]] aio::Task<Result<ExternalDatabaseRecord>> Find(std::string name, Deadline deadline);

  /// kConflict: there is one of this name.
  [[nodiscard]] Statement Insert(const ExternalDatabaseRecord& record) const;
  /// kNotFound.
  [[nodiscard]] Statement Update(const ExternalDatabaseRecord& record) const;
  /// kNotFound.
  [[nodiscard]] Statement Delete(const std::string& name) const;

 private:
  Database& database_;
  std::string name_space_;
};

}  // namespace paddock::store
