// OpenSnapshot: a PostgreSQL database as it was at one moment, on a connection of its own.
//
// Used by PostgresDatabase. Threading: loop thread. Ownership: the snapshot owns the connection.
#pragma once

#include <memory>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "store/database.h"
#include "stores/postgres/settings.h"

namespace paddock::stores::postgres {

/// Counts itself in `count` for as long as it lives. Fails as Connection::Connect and Run.
[[nodiscard]] aio::Task<Result<std::unique_ptr<store::Snapshot>>> OpenSnapshot(
    Settings settings, std::shared_ptr<int> count, Deadline deadline);

}  // namespace paddock::stores::postgres
