#include "runners/hosted/server_recipe.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/random.h"

namespace paddock::runners::hosted {
namespace {

constexpr std::size_t kPasswordBytes = 24;
constexpr const char* kUser = "paddock";

// What a server with all its clones may take of the host. A learner's sort ends there.
constexpr Bytes kMemory = 768_MiB;
constexpr MilliCpu kCpu{2000};
constexpr int kProcessCountMax = 256;
constexpr Bytes kDisk = 2_GiB;
constexpr std::uint64_t kInodeCountMax = 131'072;  // some 300 files for each database
// Nobody's lesson ends with it. It is made anew whenever it is gone, so that it may be.
constexpr std::chrono::hours kLifetimeMax{24 * 365};

sandbox::Limits LimitsOfServer() {
  return {.memory = kMemory,
          .cpu = kCpu,
          .process_count_max = kProcessCountMax,
          .disk = kDisk,
          .inode_count_max = kInodeCountMax,
          .lifetime_max = kLifetimeMax};
}

std::string RandomPassword() {
  std::array<std::uint8_t, kPasswordBytes> bytes{};
  FillRandom(bytes);
  return Base64UrlEncode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

// Learners' machines let everybody in as anybody; this one asks for passwords, and for its
// administrator's as well. What is in the databases is thrown away, so that the disk is not waited
// for: with that, a clone that lives for a second is mostly never written.
constexpr const char* kPostgresSetup = R"(set -eu
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname=postgres
echo 'host all all 127.0.0.1/32 scram-sha-256' > /var/lib/postgresql/data/pg_hba.conf
setpriv --reuid=postgres --regid=postgres --init-groups \
  /usr/local/lib/postgresql/bin/pg_ctl reload --silent --pgdata=/var/lib/postgresql/data
)";
constexpr const char* kPostgresInput = R"(
CREATE ROLE {} SUPERUSER LOGIN PASSWORD '{}';
ALTER SYSTEM SET fsync = off;
ALTER SYSTEM SET full_page_writes = off;
ALTER SYSTEM SET synchronous_commit = off;
)";

constexpr const char* kMariadbSetup = "exec mariadb --no-defaults --skip-ssl --batch --user=root";
constexpr const char* kMariadbInput = R"(
CREATE USER {0}@'%' IDENTIFIED BY '{1}';
GRANT ALL PRIVILEGES ON *.* TO {0}@'%' WITH GRANT OPTION;
DELETE FROM mysql.global_priv WHERE user = '';
FLUSH PRIVILEGES;
SET GLOBAL max_connections = 100;
SET GLOBAL innodb_flush_log_at_trx_commit = 0;
)";

}  // namespace

ServerRecipe PostgresRecipe() {
  ServerRecipe recipe{.dialect = sql::Dialect::kPostgres,
                      .image = "postgres",
                      .target = "tcp:5432",
                      .user = kUser,
                      .password = RandomPassword(),
                      .setup = kPostgresSetup,
                      .input = {},
                      .limits = LimitsOfServer()};
  recipe.input = fmt::format(fmt::runtime(kPostgresInput), recipe.user, recipe.password);
  return recipe;
}

ServerRecipe MariadbRecipe() {
  ServerRecipe recipe{.dialect = sql::Dialect::kMariadb,
                      .image = "mariadb",
                      .target = "tcp:3306",
                      .user = kUser,
                      .password = RandomPassword(),
                      .setup = kMariadbSetup,
                      .input = {},
                      .limits = LimitsOfServer()};
  recipe.input = fmt::format(fmt::runtime(kMariadbInput), recipe.user, recipe.password);
  return recipe;
}

}  // namespace paddock::runners::hosted
