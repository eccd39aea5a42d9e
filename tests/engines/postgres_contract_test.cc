#include "postgres_engine_host.h"
#include "sql/testing/engine_contract.h"
#include "sql/testing/engine_control_contract.h"

namespace paddock::sql::testing {
namespace {

const EngineUnderTest kPostgres{.name = "Postgres", .make = [] {
                                  return std::make_unique<paddock::testing::PostgresEngineHost>();
                                }};

INSTANTIATE_TEST_SUITE_P(Postgres, EngineContract, ::testing::Values(kPostgres));
INSTANTIATE_TEST_SUITE_P(Postgres, EngineControlContract, ::testing::Values(kPostgres));

}  // namespace
}  // namespace paddock::sql::testing
