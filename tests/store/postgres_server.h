// PostgresServer: a real PostgreSQL of Debian's, with a directory of its own and a socket in it.
//
// PostgreSQL does not run as root, so a test that does starts it as `postgres`. It ends with the
// test, however that ends. Threading: the test's thread.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "images/testing/temp_directory.h"

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
  [[nodiscard]] const std::string& missing() const noexcept { return missing_; }

  void Start();
  /// SIGINT: in order. SIGQUIT: as if the machine had crashed.
  void Stop(int signal);

  /// Makes an empty database, of a name of its own.
  [[nodiscard]] std::string MakeDatabase();
  /// `socket_directory`: of a proxy; empty: the server itself.
  [[nodiscard]] std::string Url(const std::string& database,
                                const std::filesystem::path& socket_directory = {}) const;
  [[nodiscard]] std::filesystem::path socket_directory() const { return directory_.path(); }
  [[nodiscard]] std::filesystem::path socket_path() const {
    return directory_.path() / ".s.PGSQL.5432";
  }

  /// Runs SQL at once, outside of what is tested; the only value of the only row, or "".
  std::string Ask(const std::string& database, const std::string& sql) const;

 private:
  [[nodiscard]] std::vector<std::string> AsUser(std::vector<std::string> command) const;
  void Initialize();
  [[nodiscard]] bool WaitUntilReady() const;

  images::TempDirectory directory_;
  std::filesystem::path programs_;
  std::string missing_;
  pid_t pid_ = -1;
  UniqueFd pidfd_;
  int database_count_ = 0;
};

}  // namespace paddock::testing
