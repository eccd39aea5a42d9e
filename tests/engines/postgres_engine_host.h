// PostgresEngineHost: the engine of PostgreSQL on a real server's database of its own.
#pragma once

#include <memory>
#include <string>

#include "../store/postgres_server.h"
#include "engines/postgres/postgres_engine.h"
#include "images/testing/temp_directory.h"
#include "sql/testing/engine_host.h"
#include "unix_dialer.h"

namespace paddock::testing {

class PostgresEngineHost final : public sql::testing::EngineHost {
 public:
  [[nodiscard]] std::string missing() const override { return server().missing(); }
  [[nodiscard]] sql::Engine& engine() override { return engine_; }
  [[nodiscard]] std::shared_ptr<sql::Dialer> MakeDialer(
      boost::asio::io_context& /*loop*/) override {
    return std::make_shared<UnixDialer>(server().socket_path());
  }
  [[nodiscard]] sql::OpenSpec spec() const override {
    return {.database = Database(), .user = "paddock", .application_name = "paddock-test"};
  }
  [[nodiscard]] const sql::testing::EngineTexts& texts() const override;

  [[nodiscard]] const std::string& Database() const {
    if (database_.empty()) {
      database_ = server().MakeDatabase();
    }
    return database_;
  }
  static PostgresServer& server() { return PostgresServer::Shared(); }

 private:
  images::TempDirectory directory_;
  engines::postgres::PostgresEngine engine_{sql::Dialect::kPostgres, directory_.path()};
  mutable std::string database_;
};

}  // namespace paddock::testing
