// Registry: the databases outside that admins have registered.
//
// Whether one can be reached, and only be read, is not known here: the SQL runner finds out.
// Used by the routes of SQL. Threading: loop thread only. Ownership: what it refers to outlives it
// and its pending calls.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "databases/dsn.h"
#include "databases/watches.h"
#include "identity/audit_log.h"
#include "store/database.h"
#include "store/external_databases.h"

namespace paddock::databases {

struct Registered {
  std::string name;
  Dsn dsn;
  store::SystemTime created_at;
  store::SystemTime updated_at;
};

/// 1 to 64 letters, digits, and in between also '.', '_' and '-'.
[[nodiscard]] bool IsName(std::string_view name) noexcept;

class Registry {
 public:
  Registry(store::Database& database, const std::string& name_space, identity::AuditLog& audit)
      : database_(database), table_(database, name_space), audit_(audit) {}

  // All fail as store::Database::Read or Write, besides what each says.

  /// By name. kInternal: the store holds what is no DSN.
  [[nodiscard]] aio::Task<Result<std::vector<Registered>>> List(Deadline deadline);
  /// kNotFound, and as List.
  [[nodiscard]] aio::Task<Result<Registered>> Find(std::string name, Deadline deadline);

  /// `dsn` is the text of a Dsn. kInvalid; kConflict: the name is taken; kExhausted.
  [[nodiscard]] aio::Task<Result<Registered>> Add(identity::AuditContext context,
                                                  std::string name,
                                                  std::string dsn,
                                                  Deadline deadline);
  /// Who watches is told. kInvalid, kNotFound.
  [[nodiscard]] aio::Task<Result<Registered>> Change(identity::AuditContext context,
                                                     std::string name,
                                                     std::string dsn,
                                                     Deadline deadline);
  /// Who watches is told. kNotFound.
  [[nodiscard]] aio::Task<Result<void>> Remove(identity::AuditContext context,
                                               std::string name,
                                               Deadline deadline);

  /// Of whoever uses one: begun before it is looked up, so that no change is missed.
  [[nodiscard]] Watches& watches() noexcept { return watches_; }

 private:
  store::Database& database_;
  store::ExternalDatabases table_;
  identity::AuditLog& audit_;
  Watches watches_;
};

}  // namespace paddock::databases
