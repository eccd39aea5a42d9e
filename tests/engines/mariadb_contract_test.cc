#include "mariadb_engine_host.h"
#include "sql/testing/engine_contract.h"
#include "sql/testing/engine_control_contract.h"

namespace paddock::sql::testing {
namespace {

const EngineUnderTest kMariadb{.name = "Mariadb", .make = [] {
                                 return std::make_unique<paddock::testing::MariadbEngineHost>();
                               }};

INSTANTIATE_TEST_SUITE_P(Mariadb, EngineContract, ::testing::Values(kMariadb));
INSTANTIATE_TEST_SUITE_P(Mariadb, EngineControlContract, ::testing::Values(kMariadb));

}  // namespace
}  // namespace paddock::sql::testing
