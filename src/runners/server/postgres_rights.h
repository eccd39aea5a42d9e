// What users of challenges' databases on PostgreSQL may do, and under which settings, as
// statements.
//
// Used by PostgresDatabases, as the administrator. Threading: pure.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "runners/server/databases.h"

namespace paddock::runners::server {

// Whoever is not a superuser runs under these, and cannot lift those that only a superuser sets.
inline constexpr auto kPostgresSettings = std::to_array<std::string_view>(
    {"temp_file_limit = '256MB'", "log_min_error_statement = 'panic'", "log_statement = 'none'",
     "log_min_messages = 'fatal'", "lc_messages = 'C'", "max_parallel_workers_per_gather = 0",
     "synchronize_seqscans = off", "jit = off", "TimeZone = 'UTC'", "DateStyle = 'ISO, MDY'",
     "IntervalStyle = 'postgres'", "bytea_output = 'hex'", "extra_float_digits = 1",
     "standard_conforming_strings = on", "client_connection_check_interval = '1s'"});

/// The role of `account`, who enters its database and no other; one for readers, or one for the
/// owner of what is in it.
[[nodiscard]] std::string RoleText(const Account& account, bool reads_only);

/// In a template: what its owner has, and what nobody sees of others.
[[nodiscard]] std::string OwnersRights(const std::string& role);

/// In the readers' database, for all that there is in it.
[[nodiscard]] std::string ReadersRights(const std::string& role);

}  // namespace paddock::runners::server
