// OpenStore: the database that a URL names.
//
// Used by the server and by `paddock store`. Threading: loop thread; a file is opened by blocking,
// so this belongs to a start.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "store/database.h"

namespace paddock::app {

struct StoreAddress {
  /// "sqlite:PATH", "postgres://USER:PASSWORD@HOST/DATABASE", or empty: a file in `data_dir`.
  std::string url;
  std::filesystem::path data_dir = "/var/lib/paddock";
  /// For a look at a store that a server uses.
  bool read_only = false;
};

/// Opens it; whoever does so calls Migrate, unless it is read only. kInvalid: no such form of URL,
/// in words without it, for it may hold a password. Otherwise fails as SqliteDatabase::Open and
/// PostgresDatabase::Open.
[[nodiscard]] aio::Task<Result<std::unique_ptr<store::Database>>> OpenStore(StoreAddress address,
                                                                            Deadline deadline);

}  // namespace paddock::app
