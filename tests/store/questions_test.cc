// The question bank (questions/testing/questions_fixture.h) on a real PostgreSQL.
#include "postgres_host.h"
#include "questions/testing/questions_fixture.h"

namespace paddock::questions::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Postgres,
                         QuestionsTest,
                         ::testing::Values(paddock::testing::PostgresUnderTest()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace paddock::questions::testing
