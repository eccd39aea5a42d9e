// Challenges on a real MariaDB: the suite of all servers.
#include "server_fixture.h"

namespace paddock::testing {
namespace {

const ServerUnderTest kMariadb{.name = "Mariadb", .make = MakeMariadbChallengeHost};

INSTANTIATE_TEST_SUITE_P(Mariadb, ServerContract, ::testing::Values(kMariadb));

}  // namespace
}  // namespace paddock::testing
