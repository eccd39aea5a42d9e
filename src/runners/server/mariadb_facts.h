// MariadbFacts: what calling the functions of a schema may mean, from MariaDB's catalog.
//
// Used by MariadbDatabases. Threading: pure.
#pragma once

#include <string>
#include <vector>

#include "runners/server/server_link.h"
#include "runners/server/text_kind.h"

namespace paddock::runners::server {

/// What an administrator asks about the schema's database, one by one.
[[nodiscard]] std::vector<std::string> MariadbFactQueries(const std::string& database);
/// Of their answers, in the same order.
[[nodiscard]] SchemaFacts MariadbFacts(const std::vector<TextTable>& answers);

}  // namespace paddock::runners::server
