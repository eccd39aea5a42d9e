// PostgresDatabases: challenges' databases on a PostgreSQL server.
//
// A schema's script runs in a template, as a role of its own that nobody else ever is. Clones come
// from CREATE DATABASE … TEMPLATE; what is in a clone is given to the clone's own role, and its
// readers' database is a copy, too. Threading and ownership: as Databases.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "runners/server/server_databases.h"

namespace paddock::runners::server {

class PostgresDatabases final : public ServerDatabases {
 public:
  /// `access` is a superuser's.
  PostgresDatabases(boost::asio::any_io_executor executor, sql::Engine& engine, ServerAccess access)
      : ServerDatabases(std::move(executor), engine, std::move(access)) {}

  [[nodiscard]] aio::Task<Result<PreparedSchema>> Prepare(std::string script,
                                                          Deadline deadline) override;
  [[nodiscard]] aio::Task<Result<Place>> Make(const PreparedSchema& schema,
                                              Use use,
                                              Deadline deadline) override;
  [[nodiscard]] aio::Task<Result<void>> BeginRun(sql::Session& session,
                                                 Use use,
                                                 std::chrono::milliseconds time,
                                                 Deadline deadline) override;
  [[nodiscard]] aio::Task<bool> Renew(sql::Session& session, Deadline deadline) override;
  [[nodiscard]] aio::Task<Result<void>> Drop(std::string database, Deadline deadline) override;
  [[nodiscard]] bool WantsClone(const sql::StatementError& error) const override;

 private:
  [[nodiscard]] Step CheckServer(Deadline deadline) override;
  [[nodiscard]] aio::Task<Result<bool>> Lock(Deadline deadline) override;
  [[nodiscard]] Leftovers AskForLeftovers() const override;
  [[nodiscard]] Step DropLeftovers(TextTable databases,
                                   TextTable accounts,
                                   Deadline deadline) override;
  [[nodiscard]] std::vector<std::string> Settings() const override;
  [[nodiscard]] Step MakeDatabase(Account account, std::string source, Deadline deadline);
  [[nodiscard]] Step InDatabase(std::string database, std::string statements, Deadline deadline);
  [[nodiscard]] Step FillTemplate(Account account, std::string script, Deadline deadline);
  [[nodiscard]] Step SealTemplate(Account account, Deadline deadline);
  [[nodiscard]] aio::Task<Result<PreparedSchema>> Learn(std::string database, Deadline deadline);
  [[nodiscard]] aio::Task<Result<PreparedSchema>> PrepareAs(Account account,
                                                            std::string script,
                                                            Deadline deadline);
  [[nodiscard]] aio::Task<Result<Account>> MakeReaders(std::string source, Deadline deadline);
  [[nodiscard]] aio::Task<Result<Place>> MakeClone(const PreparedSchema& schema, Deadline deadline);
  [[nodiscard]] aio::Task<Result<Place>> Enter(Account account,
                                               std::string warm_up,
                                               Deadline deadline);

  bool copies_files_ = false;  // the faster way for a server that does not wait for its disk
};

}  // namespace paddock::runners::server
