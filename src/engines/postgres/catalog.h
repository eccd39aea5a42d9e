// Catalog: what PostgreSQL's own tables say about a database.
//
// Used by PostgresSession. Threading: pure.
#pragma once

#include <string>

#include "sql/answer.h"
#include "sql/catalog.h"

namespace paddock::engines::postgres {

/// One text of several statements, whose results ReadCatalog takes.
[[nodiscard]] std::string CatalogQueries();
[[nodiscard]] sql::Catalog ReadCatalog(const sql::Answer& answer);

}  // namespace paddock::engines::postgres
