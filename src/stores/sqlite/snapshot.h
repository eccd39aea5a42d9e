// OpenSnapshot: an SQLite file as it was at one moment, on a connection and a thread of its own.
//
// Used by SqliteDatabase. Threading: loop thread. Ownership: the snapshot owns both; destroying it
// waits for a statement that still runs.
#pragma once

#include <memory>
#include <string>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "store/database.h"

namespace paddock::stores::sqlite {

/// Counts itself in `count` for as long as it lives. Fails as Connection::Open and Run.
[[nodiscard]] aio::Task<Result<std::unique_ptr<store::Snapshot>>> OpenSnapshot(
    std::string path, std::string vfs, std::shared_ptr<int> count, Deadline deadline);

}  // namespace paddock::stores::sqlite
