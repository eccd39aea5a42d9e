// Dialect: which SQL a text is in. Threading: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace paddock::sql {

enum class Dialect : std::uint8_t { kSqlite, kPostgres, kMariadb, kKwdb };
inline constexpr auto kLastDialect = Dialect::kKwdb;

/// "sqlite", "postgres", "mariadb", "kwdb": in files, protocols and flags.
[[nodiscard]] std::string_view Name(Dialect dialect) noexcept;
[[nodiscard]] std::optional<Dialect> ParseDialect(std::string_view name) noexcept;

}  // namespace paddock::sql
