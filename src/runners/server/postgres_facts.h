// PostgresFacts: what calling the functions of a schema may mean, from PostgreSQL's catalog.
//
// Used by PostgresDatabases. Threading: pure.
#pragma once

#include <vector>

#include "runners/server/server_link.h"
#include "runners/server/text_kind.h"

namespace paddock::runners::server {

/// What an administrator asks the schema's database; PostgresFacts reads the answers.
inline constexpr const char* kPostgresFactQueries =
    // Functions that PostgreSQL has, or an extension.
    "SELECT proname FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang "
    "WHERE p.provolatile = 'v' AND l.lanname IN ('internal', 'c');"
    // The schema's own.
    "SELECT proname, concat(prosrc, ' ', pg_catalog.pg_get_function_sqlbody(p.oid)), "
    "prorettype IN ('pg_catalog.trigger'::regtype, 'pg_catalog.event_trigger'::regtype) "
    "FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang "
    "WHERE p.oid >= 16384 AND l.lanname NOT IN ('internal', 'c');"
    "SELECT pg_catalog.pg_get_viewdef(oid) FROM pg_catalog.pg_class "
    "WHERE relkind IN ('v', 'm') AND oid >= 16384;"
    "SELECT pg_catalog.pg_get_expr(adbin, adrelid) FROM pg_catalog.pg_attrdef;"
    // By these a function is called without being named.
    "SELECT 1 FROM pg_catalog.pg_operator WHERE oid >= 16384 "
    "UNION ALL SELECT 1 FROM pg_catalog.pg_cast WHERE oid >= 16384 "
    "UNION ALL SELECT 1 FROM pg_catalog.pg_policy "
    "UNION ALL SELECT 1 FROM pg_catalog.pg_constraint WHERE contypid <> 0 AND oid >= 16384 "
    "UNION ALL SELECT 1 FROM pg_catalog.pg_rewrite WHERE oid >= 16384 AND rulename <> '_RETURN'";

[[nodiscard]] SchemaFacts PostgresFacts(const std::vector<TextTable>& answers);

}  // namespace paddock::runners::server
