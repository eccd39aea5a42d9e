#include <gtest/gtest.h>

#include "postgres_host.h"
#include "store/testing/database_contract.h"
#include "store/testing/migration_contract.h"
#include "store/testing/sql_history_contract.h"
#include "store/testing/transfer_contract.h"

namespace paddock::store::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Postgres,
                         DatabaseContract,
                         ::testing::Values(paddock::testing::PostgresUnderTest()),
                         [](const auto& parameter) { return parameter.param.name; });
INSTANTIATE_TEST_SUITE_P(Postgres,
                         MigrationContract,
                         ::testing::Values(paddock::testing::PostgresUnderTest()),
                         [](const auto& parameter) { return parameter.param.name; });
INSTANTIATE_TEST_SUITE_P(Postgres,
                         TransferContract,
                         ::testing::Values(paddock::testing::PostgresUnderTest()),
                         [](const auto& parameter) { return parameter.param.name; });
INSTANTIATE_TEST_SUITE_P(Postgres,
                         SqlHistoryContract,
                         ::testing::Values(paddock::testing::PostgresUnderTest()),
                         [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace paddock::store::testing
