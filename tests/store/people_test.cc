// The services of people (identity/testing/people_fixture.h) on a real PostgreSQL.
#include "identity/testing/people_fixture.h"
#include "postgres_host.h"

namespace paddock::identity::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Postgres,
                         PeopleTest,
                         ::testing::Values(paddock::testing::PostgresUnderTest()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace paddock::identity::testing
