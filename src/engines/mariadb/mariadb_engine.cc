#include "engines/mariadb/mariadb_engine.h"

#include <utility>

#include "engines/mariadb/mariadb_session.h"

namespace paddock::engines::mariadb {

aio::Task<Result<std::unique_ptr<sql::Session>>> MariadbEngine::Open(
    boost::asio::any_io_executor executor,
    sql::OpenSpec spec,
    std::shared_ptr<sql::Dialer> dialer,
    Deadline deadline) {
  if (spec.user.empty()) {
    spec.user = "root";
  }
  auto dialled = co_await dialer->Dial(deadline);
  if (!dialled) {
    co_return Fail(std::move(dialled).error());
  }
  auto client = co_await Client::Connect(executor, spec, *std::move(dialled), directory_, deadline);
  if (!client) {
    co_return Fail(std::move(client).error());
  }
  const bool read_only = spec.read_only;
  auto session = std::make_unique<MariadbSession>(executor, *std::move(client), std::move(spec),
                                                  std::move(dialer), directory_);
  if (read_only) {
    auto configured = co_await session->Configure("SET SESSION TRANSACTION READ ONLY", deadline);
    if (!configured) {
      co_return Fail(std::move(configured).error());
    }
  }
  co_return session;
}

}  // namespace paddock::engines::mariadb
