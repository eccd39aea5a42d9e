// SqliteHost: a DatabaseHost whose store is a file in a directory of its own. One may be open.
#pragma once

#include <memory>

#include "images/testing/temp_directory.h"
#include "store/testing/database_host.h"
#include "stores/sqlite/sqlite_database.h"

namespace paddock::stores::sqlite::testing {

class SqliteHost final : public store::testing::DatabaseHost {
 public:
  Result<std::unique_ptr<store::Database>> Open(boost::asio::io_context& loop) override {
    return SqliteDatabase::Open(loop.get_executor(), {.path = path()});
  }
  [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "store.db"; }

 private:
  images::TempDirectory directory_;
};

inline store::testing::StoreUnderTest SqliteUnderTest() {
  return {.name = "Sqlite", .make = [] { return std::make_unique<SqliteHost>(); }};
}

}  // namespace paddock::stores::sqlite::testing
