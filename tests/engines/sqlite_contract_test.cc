#include "sql/testing/engine_contract.h"
#include "sql/testing/engine_control_contract.h"
#include "sqlite_engine_host.h"

namespace paddock::sql::testing {
namespace {

const EngineUnderTest kSqlite{.name = "Sqlite", .make = [] {
                                return std::make_unique<paddock::testing::SqliteEngineHost>();
                              }};

const EngineUnderTest kByAgent{.name = "SqliteByAgent", .make = [] {
                                 return std::make_unique<paddock::testing::AgentSqliteEngineHost>();
                               }};

INSTANTIATE_TEST_SUITE_P(Sqlite, EngineContract, ::testing::Values(kSqlite, kByAgent));
INSTANTIATE_TEST_SUITE_P(Sqlite, EngineControlContract, ::testing::Values(kSqlite, kByAgent));

}  // namespace
}  // namespace paddock::sql::testing
