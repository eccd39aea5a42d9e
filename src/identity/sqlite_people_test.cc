// The suites of testing/people_fixture.h, on SQLite.
#include "identity/testing/people_fixture.h"
#include "stores/sqlite/testing/sqlite_host.h"

namespace paddock::identity::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Stores,
                         PeopleTest,
                         ::testing::Values(stores::sqlite::testing::SqliteUnderTest()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace paddock::identity::testing
