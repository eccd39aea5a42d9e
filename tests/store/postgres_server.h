// PostgresServer: a real PostgreSQL of Debian's, with a directory of its own and a socket in it.
//
// As ServerProcess. Threading: the test's thread.
#pragma once

#include <filesystem>
#include <string>

#include "server_process.h"

namespace paddock::testing {

class PostgresServer {
 public:
  /// The one of this test program, started at the first call.
  static PostgresServer& Shared();

  PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer();

  /// Why there is none; empty when there is.
  [[nodiscard]] const std::string& missing() const noexcept { return process_.missing(); }

  void Start();
  /// SIGINT: in order. SIGQUIT: as if the machine had crashed.
  void Stop(int signal) { process_.Stop(signal); }

  /// Makes an empty database, of a name of its own.
  [[nodiscard]] std::string MakeDatabase();
  /// `socket_directory`: of a proxy; empty: the server itself.
  [[nodiscard]] std::string Url(const std::string& database,
                                const std::filesystem::path& socket_directory = {}) const;
  [[nodiscard]] std::filesystem::path socket_directory() const { return process_.directory(); }
  [[nodiscard]] std::filesystem::path socket_path() const {
    return process_.directory() / ".s.PGSQL.5432";
  }

  /// Runs SQL at once, outside of what is tested; the only value of the only row, or "".
  std::string Ask(const std::string& database, const std::string& sql) const;

 private:
  ServerProcess process_{"postgres"};
  std::filesystem::path programs_;
  int database_count_ = 0;
};

}  // namespace paddock::testing
