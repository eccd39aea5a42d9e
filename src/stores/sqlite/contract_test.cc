#include <gtest/gtest.h>

#include "store/testing/database_contract.h"
#include "store/testing/migration_contract.h"
#include "store/testing/sql_history_contract.h"
#include "store/testing/transfer_contract.h"
#include "stores/sqlite/testing/sqlite_host.h"

namespace paddock::store::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Sqlite,
                         DatabaseContract,
                         ::testing::Values(stores::sqlite::testing::SqliteUnderTest()),
                         [](const auto& parameter) { return parameter.param.name; });
INSTANTIATE_TEST_SUITE_P(Sqlite,
                         MigrationContract,
                         ::testing::Values(stores::sqlite::testing::SqliteUnderTest()),
                         [](const auto& parameter) { return parameter.param.name; });
INSTANTIATE_TEST_SUITE_P(Sqlite,
                         TransferContract,
                         ::testing::Values(stores::sqlite::testing::SqliteUnderTest()),
                         [](const auto& parameter) { return parameter.param.name; });
INSTANTIATE_TEST_SUITE_P(Sqlite,
                         SqlHistoryContract,
                         ::testing::Values(stores::sqlite::testing::SqliteUnderTest()),
                         [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace paddock::store::testing
