#include "databases/dsn.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "base/utf8.h"

namespace paddock::databases {
namespace {

constexpr std::size_t kHostBytesMax = 253;
constexpr std::string_view kForm =
    "write it as postgres://user:password@host:5432/database or "
    "mariadb://user:password@host:3306/database";

constexpr std::array<std::string_view, 5> kTlsNames{"disable", "prefer", "require", "verify-ca",
                                                    "verify-full"};

std::unexpected<Error> Invalid(std::string_view what) {
  return Fail(Code::kInvalid, fmt::format("dsn {}", what));
}

int DigitOf(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  constexpr int kTen = 10;
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + kTen : -1;
}

/// Nothing when it is broken, or has what no name or password has.
std::optional<std::string> Decoded(std::string_view text) {
  constexpr int kHex = 16;
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size() || DigitOf(text[i + 1]) < 0 || DigitOf(text[i + 2]) < 0) {
      return std::nullopt;
    }
    plain.push_back(static_cast<char>(DigitOf(text[i + 1]) * kHex + DigitOf(text[i + 2])));
    i += 2;
  }
  constexpr unsigned char kControlsEnd = 0x20;
  const bool has_control = std::ranges::any_of(
      plain, [](char c) { return static_cast<unsigned char>(c) < kControlsEnd; });
  return has_control || !IsValidUtf8(plain) ? std::nullopt : std::optional(plain);
}

/// What Decoded makes the same again, with what separates the parts of a DSN out of the way.
std::string Encoded(std::string_view plain) {
  constexpr std::string_view kKept = "-._~";
  constexpr auto kAsciiEnd = static_cast<unsigned char>(0x80);
  std::string text;
  for (const char c : plain) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_kept = byte >= kAsciiEnd || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                         (c >= 'A' && c <= 'Z') || kKept.find(c) != std::string_view::npos;
    if (is_kept) {
      text.push_back(c);
    } else {
      text += fmt::format("%{:02x}", byte);
    }
  }
  return text;
}

/// The part before `separator`, which is taken away with it; all of it when there is none.
std::string_view TakeUntil(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

bool TakeEngine(std::string_view& text, Dsn& dsn) {
  constexpr std::string_view kSeparator = "://";
  const auto end = text.find(kSeparator);
  const std::string_view scheme = text.substr(0, end);
  if (end == std::string_view::npos) {
    return false;
  }
  text.remove_prefix(end + kSeparator.size());
  const bool is_mariadb = scheme == "mariadb" || scheme == "mysql";
  constexpr std::uint16_t kPostgresPort = 5432;
  constexpr std::uint16_t kMariadbPort = 3306;
  dsn.engine = is_mariadb ? sql::Dialect::kMariadb : sql::Dialect::kPostgres;
  dsn.port = is_mariadb ? kMariadbPort : kPostgresPort;
  return is_mariadb || scheme == "postgres" || scheme == "postgresql";
}

bool IsHost(std::string_view host) {
  return !host.empty() && host.size() <= kHostBytesMax && host.front() != '-' &&
         std::ranges::all_of(host, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '.' || c == '-' || c == '_' || c == ':';
         });
}

bool TakeHost(std::string_view text, Dsn& dsn) {
  if (text.starts_with('[')) {
    if (text.find(']') == std::string_view::npos) {
      return false;
    }
    text.remove_prefix(1);
    dsn.host = TakeUntil(text, ']');
    if (!text.empty() && text.front() != ':') {
      return false;
    }
    text.remove_prefix(text.empty() ? 0 : 1);
  } else {
    dsn.host = TakeUntil(text, ':');
  }
  if (text.empty()) {
    return IsHost(dsn.host);
  }
  const auto read = std::from_chars(text.data(), text.data() + text.size(), dsn.port);
  return IsHost(dsn.host) && read.ec == std::errc() && read.ptr == text.data() + text.size() &&
         dsn.port != 0;
}

bool TakeUser(std::string_view text, Dsn& dsn) {
  auto user = Decoded(TakeUntil(text, ':'));
  auto password = Decoded(text);
  if (!user || user->empty() || !password) {
    return false;
  }
  dsn.user = *std::move(user);
  dsn.password = *std::move(password);
  return true;
}

Result<void> TakeTls(std::string_view query, Dsn& dsn) {
  const bool is_mariadb = dsn.engine == sql::Dialect::kMariadb;
  constexpr std::string_view kKey = "sslmode=";
  if (!query.empty() && !query.starts_with(kKey)) {
    return Invalid("has options that are not known: only sslmode is");
  }
  if (!query.empty()) {
    const auto found = std::ranges::find(kTlsNames, query.substr(kKey.size()));
    if (found == kTlsNames.end()) {
      return Invalid("has an sslmode that is not known");
    }
    dsn.tls = static_cast<Tls>(found - kTlsNames.begin());
  }
  if (!is_mariadb && dsn.tls == Tls::kOff) {
    return Invalid("must not turn TLS off: with sslmode=prefer it is used where the server has it");
  }
  return {};
}

}  // namespace

std::string_view Name(Tls tls) noexcept { return kTlsNames.at(static_cast<std::size_t>(tls)); }

Result<Dsn> Dsn::Parse(std::string_view text) {
  Dsn dsn;
  if (text.size() > kDsnBytesMax) {
    return Invalid("is too long");
  }
  if (text.starts_with("kwdb:")) {
    return Invalid(
        "is of KWDB, which cannot be registered: Paddock cannot find out there whether a user can "
        "only read. KWDB runs in machines");
  }
  if (!TakeEngine(text, dsn)) {
    return Invalid(fmt::format("is of no engine that can be registered: {}", kForm));
  }
  std::string_view query = text;
  std::string_view place = TakeUntil(query, '?');
  std::string_view path = place;
  std::string_view authority = TakeUntil(path, '/');
  const auto at = authority.rfind('@');
  if (at == std::string_view::npos || !TakeUser(authority.substr(0, at), dsn)) {
    return Invalid(fmt::format("needs a user: {}", kForm));
  }
  if (!TakeHost(authority.substr(at + 1), dsn)) {
    return Invalid(fmt::format("needs one host, and a port from 1 to 65535: {}", kForm));
  }
  auto database = Decoded(path);
  if (!database || (database->empty() && dsn.engine == sql::Dialect::kPostgres)) {
    return Invalid(fmt::format("needs the name of a database: {}", kForm));
  }
  dsn.database = *std::move(database);
  auto taken = TakeTls(query, dsn);
  if (!taken) {
    return Fail(std::move(taken).error());
  }
  return dsn;
}

std::string Dsn::WithoutPassword() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return fmt::format("{}://{}@{}{}{}:{}/{}?sslmode={}", sql::Name(engine), Encoded(user),
                     is_v6 ? "[" : "", host, is_v6 ? "]" : "", port, Encoded(database), Name(tls));
}

}  // namespace paddock::databases
