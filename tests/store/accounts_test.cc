// The suite of people over a real PostgreSQL: identity/accounts_test.cc has the tests.
#include <gtest/gtest.h>

#include "identity/testing/accounts_fixture.h"
#include "postgres_host.h"

namespace paddock::identity::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Postgres,
                         AccountsTest,
                         ::testing::Values(paddock::testing::PostgresUnderTest()),
                         [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace paddock::identity::testing
