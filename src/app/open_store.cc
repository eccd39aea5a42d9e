#include "app/open_store.h"

#include <string_view>
#include <utility>

#include <boost/asio/this_coro.hpp>

#include "stores/postgres/postgres_database.h"
#include "stores/sqlite/sqlite_database.h"

namespace paddock::app {
namespace {

constexpr std::string_view kSqlite = "sqlite:";

bool IsPostgres(std::string_view url) {
  return url.starts_with("postgres://") || url.starts_with("postgresql://");
}

Result<std::filesystem::path> FileOf(const StoreAddress& address) {
  if (address.url.empty()) {
    return address.data_dir / "server" / "store.db";
  }
  if (!address.url.starts_with(kSqlite) || address.url.size() == kSqlite.size()) {
    return Fail(Code::kInvalid,
                "the store must be sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE");
  }
  return address.url.substr(kSqlite.size());
}

}  // namespace

aio::Task<Result<std::unique_ptr<store::Database>>> OpenStore(StoreAddress address,
                                                              Deadline deadline) {
  if (IsPostgres(address.url)) {
    auto opened =
        co_await stores::postgres::PostgresDatabase::Open(std::move(address.url), deadline);
    co_return opened;
  }
  auto file = FileOf(address);
  if (!file) {
    co_return Fail(std::move(file).error());
  }
  stores::sqlite::SqliteConfig config{.path = *std::move(file), .read_only = address.read_only};
  const auto executor = co_await boost::asio::this_coro::executor;
  co_return stores::sqlite::SqliteDatabase::Open(executor, std::move(config));
}

}  // namespace paddock::app
