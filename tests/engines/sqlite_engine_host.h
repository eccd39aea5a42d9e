// SqliteEngineHost: the engine of SQLite on a file of its own, by the helper program; started by
// the test itself, or by a real agent.
#pragma once

#include <memory>
#include <string>

#include "../agent/real_agent.h"
#include "engines/helper/sqlite_engine.h"
#include "helper_process.h"
#include "images/testing/temp_directory.h"
#include "sandbox/agent_client.h"
#include "sql/testing/engine_host.h"

namespace paddock::testing {

class SqliteEngineHost : public sql::testing::EngineHost {
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

/// The same, with helpers that a real agent starts: every byte goes through its protocol.
class AgentSqliteEngineHost final : public SqliteEngineHost {
 public:
  [[nodiscard]] std::shared_ptr<sql::Dialer> MakeDialer(boost::asio::io_context& loop) override {
    return std::make_shared<AgentDialer>(loop, agent_);
  }

 private:
  class AgentDialer final : public sql::Dialer {
   public:
    AgentDialer(boost::asio::io_context& loop, const sandbox::RealAgent& agent)
        : loop_(loop), agent_(agent) {}

    aio::Task<Result<UniqueFd>> Dial(Deadline deadline) override {
      auto opened =
          co_await sandbox::AgentClient::Open(loop_.get_executor(), agent_.Connect(), deadline);
      if (!opened) {
        co_return Fail(std::move(opened).error());
      }
      auto stream = co_await (*opened)->Forward("program:sqlite", deadline);
      co_return stream;
    }

   private:
    boost::asio::io_context& loop_;
    const sandbox::RealAgent& agent_;
  };

  sandbox::RealAgent agent_;
};

}  // namespace paddock::testing
