#include "engines/postgres/testing/scripted_server.h"

#include <sys/socket.h>

#include <array>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace paddock::engines::postgres::testing {
namespace {

namespace asio = boost::asio;

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

void AppendNumber(std::string& out, std::size_t value, int size) {
  for (int i = size - 1; i >= 0; --i) {
    out += static_cast<char>(value >> static_cast<unsigned>(8 * i) & 0xffU);
  }
}

std::size_t NumberAt(std::string_view bytes, std::size_t at) {
  std::size_t value = 0;
  for (const char c : bytes.substr(at, 4)) {
    value = value << 8U | static_cast<std::uint8_t>(c);
  }
  return value;
}

std::string Framed(char type, std::string_view body) {
  std::string message(1, type);
  AppendNumber(message, body.size() + 4, 4);
  message += body;
  return message;
}

std::string Text(std::string_view text) { return std::string(text) + '\0'; }

std::string RowDescription(const std::vector<ScriptedColumn>& columns) {
  std::string body;
  AppendNumber(body, columns.size(), 2);
  for (const ScriptedColumn& column : columns) {
    body += Text(column.name);
    AppendNumber(body, 0, 6);
    AppendNumber(body, column.type, 4);
    AppendNumber(body, 0xffff, 2);
    AppendNumber(body, 0xffffffff, 4);
    AppendNumber(body, 0, 2);
  }
  return Framed('T', body);
}

std::string DataRow(const std::vector<std::optional<std::string>>& row) {
  std::string body;
  AppendNumber(body, row.size(), 2);
  for (const auto& cell : row) {
    AppendNumber(body, cell ? cell->size() : 0xffffffff, 4);
    body += cell.value_or("");
  }
  return Framed('D', body);
}

}  // namespace

aio::Task<Result<UniqueFd>> ScriptedServer::Dial(Deadline /*deadline*/) {
  ++dial_count;
  std::array<int, 2> ends{-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    co_return Fail(Code::kExhausted, "no more sockets");
  }
  Socket socket(loop_, asio::local::stream_protocol(), ends[1]);
  auto session = std::make_shared<Session>(std::move(socket));
  scope_.Spawn(Serve(std::move(session)));
  co_return UniqueFd(ends[0]);
}

aio::Task<bool> ScriptedServer::Close() {
  waiting_.reset();
  scope_.Cancel();
  co_await scope_.Join();
  co_return true;
}

aio::Task<bool> ScriptedServer::Read(Session& session, std::size_t size) {
  session.input.resize(size);
  auto [failure, count] =
      co_await asio::async_read(session.socket, asio::buffer(session.input), kToken);
  co_return !failure;
}

aio::Task<bool> ScriptedServer::Write(Session& session, std::string bytes) {
  auto [failure, count] = co_await asio::async_write(session.socket, asio::buffer(bytes), kToken);
  co_return !failure;
}

// A start without a password, and without BackendKeyData.
aio::Task<bool> ScriptedServer::Greet(Session& session) {
  bool is_good = co_await Read(session, 4);
  if (!is_good) {
    co_return false;
  }
  const std::size_t size = NumberAt(session.input, 0) - 4;
  is_good = co_await Read(session, size);
  if (!is_good) {
    co_return false;
  }
  const std::string_view asked = session.input;
  constexpr std::string_view kName("application_name\0", 17);
  const auto name = asked.find(kName);
  const std::string_view rest =
      name == std::string_view::npos ? "" : asked.substr(name + kName.size());
  application_names.emplace_back(rest.substr(0, rest.find('\0')));
  std::string greeting = Framed('R', std::string(4, '\0'));
  for (const auto& [key, value] : parameters) {
    greeting += Framed('S', Text(key) + Text(value));
  }
  greeting += Framed('Z', "I");
  is_good = co_await Write(session, std::move(greeting));
  co_return is_good;
}

aio::Task<void> ScriptedServer::Serve(std::shared_ptr<Session> session) {
  bool goes_on = co_await Greet(*session);
  std::string statement;
  while (goes_on) {
    goes_on = co_await Read(*session, 5);
    const char type = goes_on ? session->input.front() : 'X';
    if (type == 'X') {
      break;
    }
    const std::size_t size = NumberAt(session->input, 1) - 4;
    goes_on = co_await Read(*session, size);
    if (type == 'Q') {
      statement = session->input.substr(0, session->input.find('\0'));
    } else if (type == 'P') {
      statement = session->input.substr(1, session->input.find('\0', 1) - 1);
    }
    if (type == 'Q' || type == 'S') {
      heard.push_back(statement);
      if (Find(statement).waits) {
        waiting_ = session;
        continue;
      }
      goes_on = co_await Answer(*session, statement);
    }
  }
}

Reply ScriptedServer::Find(const std::string& statement) const {
  for (const auto& [part, reply] : script) {
    if (statement.find(part) != std::string::npos) {
      return reply;
    }
  }
  return {};
}

std::string ScriptedServer::Said(Session& session, const Reply& reply) const {
  if (!reply.raw.empty()) {
    return reply.raw;
  }
  std::string said;
  if (!reply.columns.empty()) {
    said += RowDescription(reply.columns);
  }
  for (const auto& row : reply.rows) {
    said += DataRow(row);
  }
  if (reply.error.empty()) {
    said += Framed('C', Text(reply.tag));
  } else {
    std::string fields;
    for (const auto& [kind, value] : reply.error) {
      fields += kind + Text(value);
    }
    said += Framed('E', fields + '\0');
  }
  return said + Framed('Z', std::string(1, session.state));
}

aio::Task<bool> ScriptedServer::Answer(Session& session, std::string statement) {
  if (statement.starts_with("CANCEL QUERY") && waiting_ != nullptr) {
    co_await EndWaiting();
  }
  std::string said = Said(session, Find(statement));
  const bool is_good = co_await Write(session, std::move(said));
  co_return is_good;
}

aio::Task<void> ScriptedServer::EndWaiting() {
  const Reply cancelled{
      .error = {{'S', "ERROR"}, {'C', "57014"}, {'M', "query execution canceled"}}};
  const auto session = std::exchange(waiting_, nullptr);
  std::string said = Said(*session, cancelled);
  const bool is_good = co_await Write(*session, std::move(said));
  static_cast<void>(is_good);
}

}  // namespace paddock::engines::postgres::testing
