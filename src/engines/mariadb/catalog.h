// Catalog: what MariaDB's information_schema says about the current database.
//
// Used by MariadbSession, one query after the other. Threading: pure.
#pragma once

#include <array>
#include <string>

#include "sql/answer.h"
#include "sql/catalog.h"

namespace paddock::engines::mariadb {

inline constexpr std::size_t kCatalogQueryCount = 7;

[[nodiscard]] std::array<std::string, kCatalogQueryCount> CatalogQueries();
/// The answers in the queries' order.
[[nodiscard]] sql::Catalog ReadCatalog(
    const std::array<sql::AnswerTable, kCatalogQueryCount>& answers);

}  // namespace paddock::engines::mariadb
