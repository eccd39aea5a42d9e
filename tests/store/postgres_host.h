// PostgresHost: a DatabaseHost whose store is a database of the shared server. Any number are open.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "aio/testing/run_on.h"
#include "postgres_server.h"
#include "store/testing/database_host.h"
#include "stores/postgres/postgres_database.h"

namespace paddock::testing {

class PostgresHost final : public store::testing::DatabaseHost {
 public:
  [[nodiscard]] std::string missing() const override { return server().missing(); }

  Result<std::unique_ptr<store::Database>> Open(boost::asio::io_context& loop) override {
    return OpenAt(loop, server().Url(name()));
  }
  Result<std::unique_ptr<store::Database>> OpenAt(boost::asio::io_context& loop,
                                                  const std::string& url) {
    const auto soon = Deadline::After(std::chrono::seconds(20));
    return aio::testing::RunUntilDone(loop, stores::postgres::PostgresDatabase::Open(url, soon));
  }
  const std::string& name() {
    if (name_.empty()) {
      name_ = server().MakeDatabase();
    }
    return name_;
  }
  static PostgresServer& server() { return PostgresServer::Shared(); }

 private:
  std::string name_;
};

inline store::testing::StoreUnderTest PostgresUnderTest() {
  return {.name = "Postgres", .make = [] { return std::make_unique<PostgresHost>(); }};
}

}  // namespace paddock::testing
