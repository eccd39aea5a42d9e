// The suite of testing/registry_fixture.h, on SQLite.
#include "databases/testing/registry_fixture.h"
#include "stores/sqlite/testing/sqlite_host.h"

namespace paddock::databases::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Stores,
                         RegistryTest,
                         ::testing::Values(stores::sqlite::testing::SqliteUnderTest()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace paddock::databases::testing
