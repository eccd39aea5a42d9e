// Registered databases (databases/testing/registry_fixture.h) on a real PostgreSQL.
#include "databases/testing/registry_fixture.h"
#include "postgres_host.h"

namespace paddock::databases::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Postgres,
                         RegistryTest,
                         ::testing::Values(paddock::testing::PostgresUnderTest()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace paddock::databases::testing
