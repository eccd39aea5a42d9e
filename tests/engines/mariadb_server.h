// MariadbServer: a real MariaDB of Debian's, with a directory of its own and a socket in it.
//
// MariaDB should not run as root, so a test that does starts it as `mysql`. It ends with the test,
// however that ends. Threading: the test's thread.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "images/testing/temp_directory.h"

namespace paddock::testing {

class MariadbServer {
 public:
  /// The one of this test program, started at the first call.
  static MariadbServer& Shared();

  MariadbServer() : MariadbServer(std::filesystem::path()) {}
  /// One that speaks TLS too: with certificate.pem, certificate.key and ca.pem of this directory.
  explicit MariadbServer(const std::filesystem::path& certificates);
  MariadbServer(const MariadbServer&) = delete;
  MariadbServer& operator=(const MariadbServer&) = delete;
  ~MariadbServer();

  /// Why there is none; empty when there is.
  [[nodiscard]] const std::string& missing() const noexcept { return missing_; }

  void Start();
  /// SIGTERM: in order. SIGKILL: as if the machine had crashed.
  void Stop(int signal);

  /// Makes an empty database, of a name of its own.
  [[nodiscard]] std::string MakeDatabase();
  [[nodiscard]] std::filesystem::path socket_path() const { return directory_.path() / "socket"; }

  /// Runs SQL at once, outside of what is tested; the first value of the first row, or "".
  std::string Ask(const std::string& sql) const;

 private:
  [[nodiscard]] std::vector<std::string> AsUser(std::vector<std::string> command) const;
  void Initialize();
  void TakeCertificates(const std::filesystem::path& certificates);
  [[nodiscard]] bool WaitUntilReady() const;

  images::TempDirectory directory_;
  std::string missing_;
  std::vector<std::string> tls_options_;
  pid_t pid_ = -1;
  UniqueFd pidfd_;
  int database_count_ = 0;
};

}  // namespace paddock::testing
