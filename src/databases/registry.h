// Registry: the databases outside that admins have registered.
//
// Whether one can be reached, and only be read, is not known here: the SQL runner finds out.
// Passwords are sealed in the store by the server's secret, each for its name and its DSN: nobody
// who can write to the store has it sent elsewhere. Used by the routes of SQL. Threading: loop
// thread only. Ownership: what it refers to outlives it and its pending calls.
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
#include "sealing/sealer.h"
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
  /// `secret` is the server's.
  Registry(store::Database& database,
           const std::string& name_space,
           const sealing::Sealer::Secret& secret,
           identity::AuditLog& audit);

  // All fail as store::Database::Read or Write, besides what each says.

  /// By name, without passwords. kInternal: the store holds what is no DSN.
  [[nodiscard]] aio::Task<Result<std::vector<Registered>>> List(Deadline deadline);
  /// Without its password. kNotFound, and as List.
  [[nodiscard]] aio::Task<Result<Registered>> Find(std::string name, Deadline deadline);
  /// With its password. As Find; kConflict: that was sealed under another secret, in words for the
  /// user.
  [[nodiscard]] aio::Task<Result<Registered>> Open(std::string name, Deadline deadline);

  /// Seals the passwords that were stored before that was done. For the start of a server.
  [[nodiscard]] aio::Task<Result<void>> SealStored(Deadline deadline);

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
  [[nodiscard]] Result<store::ExternalDatabaseRecord> RecordOf(const std::string& name,
                                                               const Dsn& dsn) const;
  [[nodiscard]] std::string PurposeOf(const store::ExternalDatabaseRecord& record) const;

  store::Database& database_;
  std::string name_space_;
  store::ExternalDatabases table_;
  sealing::Sealer sealer_;
  identity::AuditLog& audit_;
  Watches watches_;
};

}  // namespace paddock::databases
