// The suite of testing/accounts_fixture.h, on SQLite.
#include "identity/testing/accounts_fixture.h"
#include "stores/sqlite/testing/sqlite_host.h"

namespace paddock::identity::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Stores,
                         AccountsTest,
                         ::testing::Values(stores::sqlite::testing::SqliteUnderTest()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace paddock::identity::testing
