// SqliteEngineHost: the engine of SQLite on a file of its own, by the helper program.
#pragma once

#include <memory>
#include <string>

#include "engines/helper/sqlite_engine.h"
#include "helper_process.h"
#include "images/testing/temp_directory.h"
#include "sql/testing/engine_host.h"

namespace paddock::testing {

class SqliteEngineHost final : public sql::testing::EngineHost {
 public:
  [[nodiscard]] sql::Engine& engine() override { return engine_; }
  [[nodiscard]] std::shared_ptr<sql::Dialer> MakeDialer(
      boost::asio::io_context& /*loop*/) override {
    return std::make_shared<HelperDialer>(PADDOCK_SQLITE_HELPER);
  }
  [[nodiscard]] sql::OpenSpec spec() const override {
    return {.database = (directory_.path() / "learner.db").native()};
  }
  [[nodiscard]] const sql::testing::EngineTexts& texts() const override;

 private:
  images::TempDirectory directory_;
  engines::helper::SqliteEngine engine_;
};

}  // namespace paddock::testing
