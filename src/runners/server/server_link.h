// ServerLink: the administrator's sessions with a database server, and new ones of anybody's.
//
// Used by PostgresDatabases and MariadbDatabases. Once a session is lost all are: whoever uses the
// link opens it again, and finds out what is still there.
// Threading: loop thread; calls may overlap. Ownership: the engine outlives it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "aio/gate.h"
#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "runners/server/databases.h"
#include "runners/server/server_dialer.h"
#include "sql/answer.h"
#include "sql/engine.h"

namespace paddock::runners::server {

/// Some rows of an answer, each with its cells as text; a NULL is "".
using TextTable = std::vector<std::vector<std::string>>;

class ServerLink {
 public:
  /// The administrator's sessions: as many statements of theirs run at once.
  static constexpr int kSessionsMax = 2;

  ServerLink(boost::asio::any_io_executor executor, sql::Engine& engine, ServerAccess access);

  /// Opens all sessions anew. Fails like sql::Engine::Open.
  [[nodiscard]] aio::Task<Result<void>> Open(Deadline deadline);
  [[nodiscard]] bool is_open() const noexcept { return is_open_; }
  void Close();

  /// The first result of `statement`, from any of the administrator's sessions. Fails with
  /// kConflict (the database refused, in its words), kUnavailable, kDeadlineExceeded, kCancelled.
  [[nodiscard]] aio::Task<Result<TextTable>> Ask(std::string statement, Deadline deadline);
  /// The same on the first session, for what is to last as long as the link. Only while nobody else
  /// uses it.
  [[nodiscard]] aio::Task<Result<TextTable>> AskFirst(std::string statement, Deadline deadline);

  /// Of a name that nothing had before, and a password that nobody can guess.
  [[nodiscard]] Account NewAccount();
  /// As `account`, in its database. Fails like sql::Engine::Open.
  [[nodiscard]] aio::Task<Result<std::unique_ptr<sql::Session>>> Connect(Account account,
                                                                         Deadline deadline);
  /// As the administrator, in a database.
  [[nodiscard]] aio::Task<Result<std::unique_ptr<sql::Session>>> Administer(std::string database,
                                                                            Deadline deadline);

  /// The server's; empty before Open.
  [[nodiscard]] const std::string& version() const noexcept { return version_; }
  [[nodiscard]] const ServerAccess& access() const noexcept { return access_; }

 private:
  boost::asio::any_io_executor executor_;
  sql::Engine& engine_;
  ServerAccess access_;
  aio::Gate gate_{kSessionsMax};
  std::vector<std::unique_ptr<sql::Session>> free_;
  std::size_t generation_ = 0;
  std::string own_;  // in the names of all accounts of this process
  std::size_t account_count_ = 0;
  bool is_open_ = false;
  std::string version_;
};

/// The first result of `statement` on `session`, which outlives the task; fails as Ask.
[[nodiscard]] aio::Task<Result<TextTable>> AskOn(sql::Session& session,
                                                 std::string statement,
                                                 Deadline deadline);
/// All results, for more than one statement at a time.
[[nodiscard]] aio::Task<Result<std::vector<TextTable>>> AskAllOn(sql::Session& session,
                                                                 std::string statements,
                                                                 Deadline deadline);

}  // namespace paddock::runners::server
