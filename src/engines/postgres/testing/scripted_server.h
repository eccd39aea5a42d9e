// ScriptedServer: a peer that speaks the server's side of PostgreSQL's protocol and answers as it
// was told.
//
// For what differs in KWDB, which has no package to test against: by default it opens sessions as
// KWDB does, without a key to cancel by. Public fields to script and to inspect. Threading: the
// test's loop. Ownership: Close before the loop is left for good.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "aio/task_scope.h"
#include "sql/engine.h"

namespace paddock::engines::postgres::testing {

struct ScriptedColumn {
  std::string name;
  std::uint32_t type = 25;  // text
};

/// What the server says to one statement.
struct Reply {
  std::vector<ScriptedColumn> columns = {};                        // NOLINT: may be left out
  std::vector<std::vector<std::optional<std::string>>> rows = {};  // NOLINT: may be left out
  std::string tag = "OK";
  // Fields of an ErrorResponse, which comes last.
  std::map<char, std::string> error = {};  // NOLINT: may be left out
  bool waits = false;                      // until it is cancelled, by CANCEL QUERY
  std::string raw = {};  // NOLINT: may be left out. Bytes to send instead of all that
};

class ScriptedServer final : public sql::Dialer {
 public:
  explicit ScriptedServer(boost::asio::io_context& loop)
      : loop_(loop), scope_(loop.get_executor()) {}

  aio::Task<Result<UniqueFd>> Dial(Deadline deadline) override;
  aio::Task<bool> Close();

  /// The first whose text is in a statement answers it.
  std::vector<std::pair<std::string, Reply>> script;
  std::map<std::string, std::string> parameters{
      {"server_version", "9.5.0"},
      {"client_encoding", "UTF8"},
      {"kwdb_version", "KaiwuDB 2.2.0 (x86_64-linux-gnu, built 2025/04/01, go1.16, gcc)"}};
  std::vector<std::string> heard;              // statements, of all sessions
  std::vector<std::string> application_names;  // of the sessions, as they were opened
  int dial_count = 0;

 private:
  using Socket = boost::asio::local::stream_protocol::socket;
  struct Session {
    explicit Session(Socket end) : socket(std::move(end)) {}
    Socket socket;
    std::string input = {};  // NOLINT: may be left out
    char state = 'I';
  };

  aio::Task<void> Serve(std::shared_ptr<Session> session);
  aio::Task<bool> Greet(Session& session);
  aio::Task<bool> Answer(Session& session, std::string statement);
  aio::Task<bool> Read(Session& session, std::size_t size);
  aio::Task<bool> Write(Session& session, std::string bytes);
  [[nodiscard]] std::string Said(Session& session, const Reply& reply) const;
  [[nodiscard]] Reply Find(const std::string& statement) const;
  aio::Task<void> EndWaiting();

  boost::asio::io_context& loop_;
  aio::TaskScope scope_;
  std::shared_ptr<Session> waiting_;
};

}  // namespace paddock::engines::postgres::testing
