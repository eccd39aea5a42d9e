// MariadbServer: a real MariaDB of Debian's, with a directory of its own and a socket in it.
//
// As ServerProcess. Threading: the test's thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "../store/server_process.h"

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
  [[nodiscard]] const std::string& missing() const noexcept { return process_.missing(); }

  void Start();
  /// SIGTERM: in order. SIGKILL: as if the machine had crashed.
  void Stop(int signal) { process_.Stop(signal); }

  /// Makes an empty database, of a name of its own.
  [[nodiscard]] std::string MakeDatabase();
  [[nodiscard]] std::filesystem::path socket_path() const {
    return process_.directory() / "socket";
  }

  /// Runs SQL at once, outside of what is tested; the first value of the first row, or "".
  std::string Ask(const std::string& sql) const;

 private:
  void TakeCertificates(const std::filesystem::path& certificates);

  ServerProcess process_{"mysql"};
  std::vector<std::string> tls_options_;
  int database_count_ = 0;
};

}  // namespace paddock::testing
