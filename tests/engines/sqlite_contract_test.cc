#include "sql/testing/engine_contract.h"
#include "sql/testing/engine_control_contract.h"
#include "sqlite_engine_host.h"

namespace paddock::sql::testing {
namespace {

const EngineUnderTest kSqlite{.name = "Sqlite", .make = [] {
                                return std::make_unique<paddock::testing::SqliteEngineHost>();
                              }};

INSTANTIATE_TEST_SUITE_P(Sqlite, EngineContract, ::testing::Values(kSqlite));
INSTANTIATE_TEST_SUITE_P(Sqlite, EngineControlContract, ::testing::Values(kSqlite));

}  // namespace
}  // namespace paddock::sql::testing
