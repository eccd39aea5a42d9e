// Challenges on a real MariaDB: the suite of all servers.
#include "mariadb_host.h"
#include "server_fixture.h"

namespace paddock::testing {
namespace {

const ServerUnderTest kMariadb{.name = "Mariadb",
                               .make = [] { return std::make_unique<MariadbChallengeHost>(); }};

INSTANTIATE_TEST_SUITE_P(Mariadb, ServerContract, ::testing::Values(kMariadb));

}  // namespace
}  // namespace paddock::testing
