#include "runners/server/server_address.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace paddock::runners::server {
namespace {

constexpr std::size_t kUrlBytesMax = 4096;
constexpr std::uint16_t kPostgresPort = 5432;
constexpr std::uint16_t kMariadbPort = 3306;

bool IsPostgres(sql::Dialect dialect) { return dialect == sql::Dialect::kPostgres; }

std::unexpected<Error> Refuse(sql::Dialect dialect) {
  return IsPostgres(dialect)
             ? Fail(Code::kInvalid,
                    "must be postgres://USER:PASSWORD@HOST:PORT or "
                    "postgres://USER:PASSWORD@/?host=DIRECTORY (special characters as %XX)")
             : Fail(Code::kInvalid,
                    "must be mariadb://USER:PASSWORD@HOST:PORT or "
                    "mariadb://USER:PASSWORD@/?socket=PATH (special characters as %XX)");
}

std::optional<std::string> Decode(std::string_view text) {
  constexpr int kHexadecimal = 16;
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded += text[at];
      continue;
    }
    unsigned value = 0;
    const char* const begin = text.data() + at + 1;
    if (at + 2 >= text.size() ||
        std::from_chars(begin, begin + 2, value, kHexadecimal).ptr != begin + 2 || value == 0) {
      return std::nullopt;
    }
    decoded += static_cast<char>(value);
    at += 2;
  }
  return decoded;
}

bool TakeUser(std::string_view text, ServerAddress& address) {
  const auto colon = text.find(':');
  auto user = Decode(text.substr(0, colon));
  auto password = colon == std::string_view::npos ? std::string() : Decode(text.substr(colon + 1));
  if (!user || user->empty() || !password) {
    return false;
  }
  address.user = *std::move(user);
  address.password = *std::move(password);
  return true;
}

bool TakeHost(std::string_view text, ServerAddress& address) {
  const bool has_brackets = text.starts_with('[');
  const auto end = has_brackets ? text.find(']') : text.find(':');
  if (has_brackets && end == std::string_view::npos) {
    return false;
  }
  auto host = Decode(has_brackets ? text.substr(1, end - 1) : text.substr(0, end));
  if (!host) {
    return false;
  }
  address.host = *std::move(host);
  const auto rest = end == std::string_view::npos ? "" : text.substr(end + (has_brackets ? 1 : 0));
  if (rest.empty()) {
    return true;
  }
  const char* const last = rest.data() + rest.size();
  const auto [at, failure] = std::from_chars(rest.data() + 1, last, address.port);
  return rest.front() == ':' && failure == std::errc() && at == last && address.port != 0;
}

bool TakeQuery(std::string_view text, ServerAddress& address) {
  const std::string_view key = IsPostgres(address.dialect) ? "host=" : "socket=";
  if (text.empty()) {
    return true;
  }
  auto path = text.starts_with(key) ? Decode(text.substr(key.size())) : std::nullopt;
  if (!path || !path->starts_with('/') || !address.host.empty()) {
    return false;
  }
  address.socket = IsPostgres(address.dialect) ? fmt::format("{}/.s.PGSQL.{}", *path, address.port)
                                               : *std::move(path);
  return true;
}

}  // namespace

std::string ServerAddress::Describe() const {
  return socket.empty() ? fmt::format("{}:{}", host, port) : socket;
}

Result<ServerAddress> ParseServerAddress(std::string_view url, sql::Dialect dialect) {
  const std::string_view scheme = IsPostgres(dialect) ? "postgres://" : "mariadb://";
  if (!url.starts_with(scheme) || url.size() > kUrlBytesMax) {
    return Refuse(dialect);
  }
  ServerAddress address;
  address.dialect = dialect;
  address.port = IsPostgres(dialect) ? kPostgresPort : kMariadbPort;
  url.remove_prefix(scheme.size());
  const auto question = url.find('?');
  const auto query = question == std::string_view::npos ? "" : url.substr(question + 1);
  url = url.substr(0, question);
  const auto slash = url.find('/');
  const bool has_database = slash != std::string_view::npos && slash + 1 < url.size();
  const auto authority = url.substr(0, slash);
  const auto at = authority.rfind('@');
  if (has_database || at == std::string_view::npos || !TakeUser(authority.substr(0, at), address) ||
      !TakeHost(authority.substr(at + 1), address) || !TakeQuery(query, address) ||
      (address.host.empty() && address.socket.empty())) {
    return Refuse(dialect);
  }
  return address;
}

}  // namespace paddock::runners::server
