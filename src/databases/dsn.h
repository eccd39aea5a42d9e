// Dsn: where a registered database is and who reads it, from one line of an admin.
//
// Holds a password: not for any log. Used by Registry and by the routes of SQL. Threading: a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sql/dialect.h"

namespace paddock::databases {

inline constexpr std::size_t kDsnBytesMax = 1024;

/// How the connection is protected, as libpq names it.
enum class Tls : std::uint8_t {
  kOff,         // "disable": of MariaDB only, in a network that nobody listens to
  kPrefer,      // "prefer": not, when the server does not know it
  kRequire,     // "require": against listeners, not against impostors
  kVerifyCa,    // "verify-ca": the certificate is one that this host trusts
  kVerifyFull,  // "verify-full": and is for this name
};

struct Dsn {
  sql::Dialect engine = sql::Dialect::kPostgres;
  std::string host;
  std::uint16_t port = 0;
  std::string database;
  std::string user;
  std::string password;
  Tls tls = Tls::kVerifyFull;

  /// "postgres://user:password@host:port/database?sslmode=verify-full", or "mariadb://…". kInvalid,
  /// in words that do not repeat it.
  [[nodiscard]] static Result<Dsn> Parse(std::string_view text);

  /// "postgres://user@host:5432/database?sslmode=verify-full": what may be shown, and can be
  /// parsed.
  [[nodiscard]] std::string WithoutPassword() const;
};

[[nodiscard]] std::string_view Name(Tls tls) noexcept;

}  // namespace paddock::databases
