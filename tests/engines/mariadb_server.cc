#include "mariadb_server.h"

#include <mysql.h>
#include <signal.h>

#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace paddock::testing {
namespace {

constexpr const char* kServerProgram = "/usr/sbin/mariadbd";

struct CloseConnection {
  void operator()(MYSQL* connection) const noexcept { mysql_close(connection); }
};
using ConnectionPtr = std::unique_ptr<MYSQL, CloseConnection>;

ConnectionPtr Connect(const std::filesystem::path& socket) {
  ConnectionPtr connection(mysql_init(nullptr));
  const MYSQL* connected = mysql_real_connect(connection.get(), "localhost", "root", "", nullptr, 0,
                                              socket.c_str(), CLIENT_MULTI_STATEMENTS);
  return connected == nullptr ? nullptr : std::move(connection);
}

}  // namespace

MariadbServer& MariadbServer::Shared() {
  static MariadbServer server;
  return server;
}

MariadbServer::MariadbServer(const std::filesystem::path& certificates) {
  if (!std::filesystem::exists(kServerProgram)) {
    process_.SetMissing("MariaDB is not installed (apt-get install mariadb-server)");
    return;
  }
  process_.Initialize({"mariadb-install-db", "--no-defaults", "--skip-test-db",
                       "--auth-root-authentication-method=normal",
                       // Not where others have theirs: a server that starts clears it.
                       fmt::format("--tmpdir={}", process_.directory().native()),
                       fmt::format("--datadir={}", (process_.directory() / "data").native())});
  if (missing().empty()) {
    TakeCertificates(certificates);
    Start();
  }
}

void MariadbServer::TakeCertificates(const std::filesystem::path& certificates) {
  if (certificates.empty()) {
    return;
  }
  for (const auto& [option, name] :
       {std::pair("--ssl-ca", "ca.pem"), std::pair("--ssl-cert", "certificate.pem"),
        std::pair("--ssl-key", "certificate.key")}) {
    const auto own = process_.directory() / name;
    std::filesystem::copy_file(certificates / name, own);
    process_.Give(own);
    tls_options_.push_back(fmt::format("{}={}", option, own.native()));
  }
}

MariadbServer::~MariadbServer() { Stop(SIGTERM); }

void MariadbServer::Start() {
  const auto path = [this](const char* name) { return (process_.directory() / name).native(); };
  std::vector<std::string> command{kServerProgram,
                                   "--no-defaults",
                                   "--skip-networking",
                                   "--character-set-server=utf8mb4",
                                   "--datadir=" + path("data"),
                                   "--socket=" + path("socket"),
                                   "--pid-file=" + path("pid"),
                                   "--tmpdir=" + process_.directory().native(),
                                   "--innodb-flush-log-at-trx-commit=0",
                                   "--innodb-buffer-pool-size=64M"};
  command.insert(command.end(), tls_options_.begin(), tls_options_.end());
  process_.Start(std::move(command), [this] { return Connect(socket_path()) != nullptr; });
}

std::string MariadbServer::MakeDatabase() {
  ++database_count_;
  std::string name = fmt::format("test_{}", database_count_);
  Ask("CREATE DATABASE " + name);
  return name;
}

std::string MariadbServer::Ask(const std::string& sql) const {
  const ConnectionPtr connection = Connect(socket_path());
  if (connection == nullptr || mysql_query(connection.get(), sql.c_str()) != 0) {
    ADD_FAILURE() << sql << ": " << (connection ? mysql_error(connection.get()) : "no connection");
    return "";
  }
  MYSQL_RES* result = mysql_store_result(connection.get());
  if (result == nullptr) {
    return "";
  }
  MYSQL_ROW row = mysql_fetch_row(result);
  std::string value = row != nullptr && row[0] != nullptr ? row[0] : "";
  mysql_free_result(result);
  return value;
}

}  // namespace paddock::testing
