// PostgresChallengeHost: challenges on Debian's own PostgreSQL, which the test starts. Threading:
// as ChallengeHost.
#pragma once

#include "challenge_host.h"
#include "engines/postgres/postgres_engine.h"
#include "images/testing/temp_directory.h"

namespace paddock::testing {

class PostgresChallengeHost final : public ChallengeHost {
 public:
  [[nodiscard]] std::string missing() const override;
  [[nodiscard]] sql::Dialect dialect() const override { return sql::Dialect::kPostgres; }
  [[nodiscard]] const ChallengeTexts& texts() const override;
  [[nodiscard]] std::unique_ptr<runners::server::Databases> MakeDatabases(
      boost::asio::any_io_executor executor) override;
  void Crash() override;
  void Start() override;
  [[nodiscard]] int CountDatabases(const std::string& prefix) override;
  [[nodiscard]] int CountAccounts(const std::string& prefix) override;
  void LeaveBehind() override;
  [[nodiscard]] std::vector<Failing> Outside() override;
  [[nodiscard]] std::vector<Saying> Harmless() override;

 private:
  images::TempDirectory directory_;
  engines::postgres::PostgresEngine engine_{sql::Dialect::kPostgres, directory_.path()};
};

}  // namespace paddock::testing
