#include "sql/dialect.h"

#include <array>
#include <cstddef>

namespace paddock::sql {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(kLastDialect) + 1> kNames{
    "sqlite", "postgres", "mariadb", "kwdb"};

}  // namespace

std::string_view Name(Dialect dialect) noexcept {
  return kNames.at(static_cast<std::size_t>(dialect));
}

std::optional<Dialect> ParseDialect(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames.at(i) == name) {
      return static_cast<Dialect>(i);
    }
  }
  return std::nullopt;
}

}  // namespace paddock::sql
