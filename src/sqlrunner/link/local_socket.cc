#include "sqlrunner/link/local_socket.h"

#include <sys/socket.h>

#include <fmt/format.h>

#include "aio/local_socket.h"
#include "base/log.h"

namespace paddock::sqlrunner {

Result<UniqueFd> ListenAt(const std::string& path, gid_t group) {
  return aio::ListenAt(path, SOCK_STREAM, group);
}

UniqueFd AcceptFrom(int listener, const std::vector<uid_t>& users) {
  UniqueFd connection(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (connection && !aio::IsPeerOneOf(connection.get(), users)) {
    log::Warn("a stranger asked for a SQL session");
    connection.Reset();
  }
  return connection;
}

Result<UniqueFd> ConnectTo(const std::string& path, const std::vector<uid_t>& users) {
  auto connection = aio::ConnectTo(path, SOCK_STREAM, "the SQL runner");
  if (connection && !aio::IsPeerOneOf(connection->get(), users)) {
    return Fail(Code::kDenied, fmt::format("{} belongs to a stranger", path));
  }
  return connection;
}

}  // namespace paddock::sqlrunner
