// ServerAddress: where a database server is and who administers it, from a URL.
//
// Used by app/, to check an option, and by ServerLink. Threading: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sql/dialect.h"

namespace paddock::runners::server {

struct ServerAddress {
  sql::Dialect dialect = sql::Dialect::kPostgres;
  std::string user;
  std::string password;  // in no message
  std::string host;      // a name or an address; empty: `socket`
  std::uint16_t port = 0;
  std::string socket;  // the path of a Unix socket

  /// "db.example.org:5432" or the socket, for messages.
  [[nodiscard]] std::string Describe() const;
};

/// postgres://USER:PASSWORD@HOST:PORT or postgres://USER:PASSWORD@/?host=DIRECTORY, and
/// mariadb://USER:PASSWORD@HOST:PORT or mariadb://USER:PASSWORD@/?socket=PATH. Special characters
/// as %XX. kInvalid, in words that do not repeat the URL.
[[nodiscard]] Result<ServerAddress> ParseServerAddress(std::string_view url, sql::Dialect dialect);

}  // namespace paddock::runners::server
