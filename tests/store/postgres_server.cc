#include "postgres_server.h"

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include "base/deadline.h"

namespace paddock::testing {
namespace {

constexpr std::chrono::seconds kStartTimeMax{60};
constexpr int kPollMs = 20;

std::filesystem::path FindPrograms() {
  std::filesystem::path newest;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", missing)) {
    if (std::filesystem::exists(entry.path() / "bin/initdb") && entry.path() > newest) {
      newest = entry.path();
    }
  }
  return newest.empty() ? newest : newest / "bin";
}

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

}  // namespace

PostgresServer& PostgresServer::Shared() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer() : programs_(FindPrograms()) {
  if (programs_.empty()) {
    missing_ = "PostgreSQL is not installed (apt-get install postgresql)";
    return;
  }
  Initialize();
  if (missing_.empty()) {
    Start();
  }
}

PostgresServer::~PostgresServer() { Stop(SIGINT); }

std::vector<std::string> PostgresServer::AsUser(std::vector<std::string> command) const {
  if (geteuid() == 0) {
    std::vector<std::string> wrapped{"setpriv", "--reuid=postgres", "--regid=postgres",
                                     "--clear-groups", "--pdeathsig=KILL"};
    wrapped.insert(wrapped.end(), command.begin(), command.end());
    return wrapped;
  }
  std::vector<std::string> wrapped{"setpriv", "--pdeathsig=KILL"};
  wrapped.insert(wrapped.end(), command.begin(), command.end());
  return wrapped;
}

void PostgresServer::Initialize() {
  if (geteuid() == 0) {
    const passwd* user = getpwnam("postgres");
    if (user == nullptr || chown(directory_.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
      missing_ = "there is no user postgres to run PostgreSQL as";
      return;
    }
  }
  const std::string data = directory_.path() / "data";
  const auto log = std::filesystem::temp_directory_path() / fmt::format("initdb-{}.log", getpid());
  const pid_t pid = Spawn(AsUser({programs_ / "initdb", "-D", data, "-U", "paddock", "-A", "trust",
                                  "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"}),
                          log);
  int status = -1;
  if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
    missing_ = fmt::format("initdb failed: see {}", log.native());
    return;
  }
  std::filesystem::remove(log);
}

void PostgresServer::Start() {
  const auto log =
      std::filesystem::temp_directory_path() / fmt::format("postgres-{}.log", getpid());
  pid_ = Spawn(AsUser({programs_ / "postgres", "-D", directory_.path() / "data", "-k",
                       directory_.path(), "-c", "listen_addresses=", "-c", "max_connections=200",
                       // Programs are killed here, not machines: what was written stays.
                       "-c", "fsync=off"}),
               log);
  pidfd_.Reset(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (!WaitUntilReady()) {
    missing_ = fmt::format("PostgreSQL did not start: see {}", log.native());
    return;
  }
  std::filesystem::remove(log);
}

bool PostgresServer::WaitUntilReady() const {
  const auto give_up = Deadline::After(kStartTimeMax);
  const std::string url = Url("postgres");
  while (!give_up.Passed()) {
    if (PQping(url.c_str()) == PQPING_OK) {
      return true;
    }
    pollfd ended{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
    if (poll(&ended, 1, kPollMs) != 0) {
      return false;
    }
  }
  return false;
}

void PostgresServer::Stop(int signal) {
  if (pid_ > 0) {
    kill(pid_, signal);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
}

std::string PostgresServer::MakeDatabase() {
  ++database_count_;
  std::string name = fmt::format("test_{}", database_count_);
  Ask("postgres", "CREATE DATABASE " + name);
  return name;
}

std::string PostgresServer::Url(const std::string& database,
                                const std::filesystem::path& socket_directory) const {
  const auto& directory = socket_directory.empty() ? directory_.path() : socket_directory;
  return fmt::format("postgres://paddock:hunter2@/{}?host={}", database, directory.native());
}

std::string PostgresServer::Ask(const std::string& database, const std::string& sql) const {
  PGconn* connection = PQconnectdb(Url(database).c_str());
  PGresult* result = PQexec(connection, sql.c_str());
  const bool is_fine =
      PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK;
  EXPECT_TRUE(is_fine) << PQerrorMessage(connection);
  std::string value = PQntuples(result) == 1 ? PQgetvalue(result, 0, 0) : "";
  PQclear(result);
  PQfinish(connection);
  return value;
}

}  // namespace paddock::testing
