// The suites of testing/questions_fixture.h, on SQLite.
#include "questions/testing/questions_fixture.h"
#include "stores/sqlite/testing/sqlite_host.h"

namespace paddock::questions::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Stores,
                         QuestionsTest,
                         ::testing::Values(stores::sqlite::testing::SqliteUnderTest()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace paddock::questions::testing
