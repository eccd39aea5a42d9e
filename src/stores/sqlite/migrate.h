// Migrate: brings the schema of an SQLite file forward, step by step.
//
// Used by SqliteDatabase, on the writer's thread.
#pragma once

#include <span>

#include "base/result.h"
#include "store/database.h"
#include "stores/sqlite/connection.h"

namespace paddock::stores::sqlite {

/// As store::Database::Migrate. A step that fails leaves the version before it.
[[nodiscard]] Result<void> Migrate(Connection& connection,
                                   std::span<const store::Migration> migrations);

}  // namespace paddock::stores::sqlite
