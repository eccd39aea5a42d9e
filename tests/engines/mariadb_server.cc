#include "mariadb_server.h"

#include <fcntl.h>
#include <mysql.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/deadline.h"

namespace paddock::testing {
namespace {

constexpr std::chrono::seconds kStartTimeMax{60};
constexpr int kPollMs = 20;
constexpr const char* kServerProgram = "/usr/sbin/mariadbd";

struct CloseConnection {
  void operator()(MYSQL* connection) const noexcept { mysql_close(connection); }
};
using ConnectionPtr = std::unique_ptr<MYSQL, CloseConnection>;

pid_t Spawn(std::vector<std::string> command, const std::filesystem::path& log) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (std::string& word : command) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t pid = -1;
  const int failed =
      posix_spawnp(&pid, arguments.front(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return failed == 0 ? pid : -1;
}

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
    missing_ = "MariaDB is not installed (apt-get install mariadb-server)";
    return;
  }
  Initialize();
  if (missing_.empty()) {
    TakeCertificates(certificates);
    Start();
  }
}

void MariadbServer::TakeCertificates(const std::filesystem::path& certificates) {
  if (certificates.empty()) {
    return;
  }
  const passwd* user = geteuid() == 0 ? getpwnam("mysql") : nullptr;
  for (const auto& [option, name] :
       {std::pair("--ssl-ca", "ca.pem"), std::pair("--ssl-cert", "certificate.pem"),
        std::pair("--ssl-key", "certificate.key")}) {
    const auto own = directory_.path() / name;
    std::filesystem::copy_file(certificates / name, own);
    if (user != nullptr && chown(own.c_str(), user->pw_uid, user->pw_gid) != 0) {
      missing_ = "the certificates cannot be given to MariaDB's user";
    }
    tls_options_.push_back(fmt::format("{}={}", option, own.native()));
  }
}

MariadbServer::~MariadbServer() { Stop(SIGTERM); }

std::vector<std::string> MariadbServer::AsUser(std::vector<std::string> command) const {
  std::vector<std::string> wrapped{"setpriv", "--pdeathsig=KILL"};
  if (geteuid() == 0) {
    wrapped = {"setpriv", "--reuid=mysql", "--regid=mysql", "--clear-groups", "--pdeathsig=KILL"};
  }
  wrapped.insert(wrapped.end(), command.begin(), command.end());
  return wrapped;
}

void MariadbServer::Initialize() {
  if (geteuid() == 0) {
    const passwd* user = getpwnam("mysql");
    if (user == nullptr || chown(directory_.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
      missing_ = "there is no user mysql to run MariaDB as";
      return;
    }
  }
  const auto log =
      std::filesystem::temp_directory_path() / fmt::format("mariadb-install-{}.log", getpid());
  const pid_t pid =
      Spawn(AsUser({"mariadb-install-db", "--no-defaults", "--skip-test-db",
                    "--auth-root-authentication-method=normal",
                    // Not where others have theirs: a server that starts clears it.
                    fmt::format("--tmpdir={}", directory_.path().native()),
                    fmt::format("--datadir={}", (directory_.path() / "data").native())}),
            log);
  int status = -1;
  if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
    missing_ = fmt::format("mariadb-install-db failed: see {}", log.native());
    return;
  }
  std::filesystem::remove(log);
}

void MariadbServer::Start() {
  const auto log = std::filesystem::temp_directory_path() / fmt::format("mariadb-{}.log", getpid());
  const auto path = [this](const char* name) { return (directory_.path() / name).native(); };
  std::vector<std::string> command{kServerProgram,
                                   "--no-defaults",
                                   "--skip-networking",
                                   "--character-set-server=utf8mb4",
                                   "--datadir=" + path("data"),
                                   "--socket=" + path("socket"),
                                   "--pid-file=" + path("pid"),
                                   "--tmpdir=" + directory_.path().native(),
                                   "--innodb-flush-log-at-trx-commit=0",
                                   "--innodb-buffer-pool-size=64M"};
  command.insert(command.end(), tls_options_.begin(), tls_options_.end());
  pid_ = Spawn(AsUser(std::move(command)), log);
  pidfd_.Reset(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (!WaitUntilReady()) {
    missing_ = fmt::format("MariaDB did not start: see {}", log.native());
    return;
  }
  std::filesystem::remove(log);
}

bool MariadbServer::WaitUntilReady() const {
  const auto give_up = Deadline::After(kStartTimeMax);
  while (!give_up.Passed()) {
    if (Connect(socket_path()) != nullptr) {
      return true;
    }
    pollfd ended{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
    if (poll(&ended, 1, kPollMs) != 0) {
      return false;
    }
  }
  return false;
}

void MariadbServer::Stop(int signal) {
  if (pid_ > 0) {
    kill(pid_, signal);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
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
