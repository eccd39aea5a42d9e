// ServerDatabases: what challenges' databases on all servers have in common.
//
// Base of PostgresDatabases and MariadbDatabases: the link, the claim on the server and the sweep
// of what an earlier process has left; what these are in SQL is the engine's. Threading and
// ownership: as Databases.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "runners/server/databases.h"
#include "runners/server/server_link.h"

namespace paddock::runners::server {

class ServerDatabases : public Databases {
 public:
  [[nodiscard]] aio::Task<Result<void>> Open(Deadline deadline) final;
  [[nodiscard]] bool is_open() const noexcept final { return is_open_ && link_.is_open(); }
  [[nodiscard]] aio::Task<Result<void>> Check(Deadline deadline) final;
  void Close() final;
  [[nodiscard]] std::string version() const final { return link_.version(); }

 protected:
  using Step = aio::Task<Result<void>>;

  /// What an earlier process may have left, to be asked for.
  struct Leftovers {
    std::string databases;  // their names
    std::string accounts;   // their names, and what else dropping them takes
  };

  ServerDatabases(boost::asio::any_io_executor executor, sql::Engine& engine, ServerAccess access)
      : link_(std::move(executor), engine, std::move(access)) {}

  // What Open does, in this order. Each fails with kInvalid or kUnavailable, in words for the
  // server's administrator, and like ServerLink::Ask.

  /// Whether the server is set up for challenges.
  [[nodiscard]] virtual Step CheckServer(Deadline deadline) = 0;
  /// On the link's first session, for as long as that lives. False: somebody else has the lock.
  [[nodiscard]] virtual aio::Task<Result<bool>> Lock(Deadline deadline) = 0;
  [[nodiscard]] virtual Leftovers AskForLeftovers() const = 0;
  [[nodiscard]] virtual Step DropLeftovers(TextTable databases,
                                           TextTable accounts,
                                           Deadline deadline) = 0;
  /// Statements that nobody is let in without.
  [[nodiscard]] virtual std::vector<std::string> Settings() const = 0;

  [[nodiscard]] ServerLink& link() noexcept { return link_; }
  [[nodiscard]] const ServerLink& link() const noexcept { return link_; }
  /// One after the other, and none after one that fails. Fails like ServerLink::Ask.
  [[nodiscard]] Step AskAll(std::vector<std::string> statements, Deadline deadline);
  /// Drops what was half made when `error` came, if it may.
  [[nodiscard]] aio::Task<void> Undo(std::string database, Error error);

 private:
  [[nodiscard]] Step Claim(Deadline deadline);
  [[nodiscard]] Step Sweep(Deadline deadline);

  ServerLink link_;
  bool is_open_ = false;
};

}  // namespace paddock::runners::server
