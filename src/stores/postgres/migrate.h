// Migrate: brings the schema of a PostgreSQL database forward, step by step.
//
// Used by PostgresDatabase. Threading: loop thread.
#pragma once

#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "store/database.h"
#include "stores/postgres/settings.h"

namespace paddock::stores::postgres {

/// As store::Database::Migrate, on a connection of its own, under an advisory lock of the database.
[[nodiscard]] aio::Task<Result<void>> Migrate(Settings settings,
                                              std::vector<store::Migration> migrations,
                                              Deadline deadline);

}  // namespace paddock::stores::postgres
