// MariadbDatabases: challenges' databases on a MariaDB server.
//
// There is no copying of databases: the script runs in each clone, as the clone's own user, which
// is thus the definer of all that is in it. Readers share one database, whose user lost all rights
// but reading once the script was through; a reader's session is used once, because nothing that it
// keeps can be taken back. Threading and ownership: as Databases.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "runners/server/server_databases.h"

namespace paddock::runners::server {

class MariadbDatabases final : public ServerDatabases {
 public:
  /// `access` is that of somebody who may do everything.
  MariadbDatabases(boost::asio::any_io_executor executor, sql::Engine& engine, ServerAccess access)
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
  [[nodiscard]] Step Expel(std::string user, Deadline deadline);
  [[nodiscard]] Step Fill(Account account, std::string script, Deadline deadline);
  [[nodiscard]] aio::Task<Result<SchemaFacts>> LearnFacts(std::string database, Deadline deadline);
  [[nodiscard]] aio::Task<Result<Place>> Enter(Account account, Deadline deadline);
};

}  // namespace paddock::runners::server
