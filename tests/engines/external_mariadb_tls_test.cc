// Registered databases of a real MariaDB, over TLS: it is what was asked for, and sessions do all
// that they do without it.
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engines/mariadb/mariadb_engine.h"
#include "external_fixture.h"
#include "mariadb_server.h"
#include "sqlrunner/external_dialer.h"

namespace paddock::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ExternalMariadbTlsTest : public ExternalFixture {
 protected:
  ExternalMariadbTlsTest() : ExternalFixture("mariadb", "hidden") {}
  void SetUp() override {
    if (const std::string missing = Secured().missing(); !missing.empty()) {
      GTEST_SKIP() << missing;
    }
    Use(Secured());
  }
  static MariadbServer& Secured() {
    static MariadbServer server(Certificates());
    return server;
  }
  void Use(MariadbServer& server) {
    CloseFront();
    database_ = server.MakeDatabase();
    reader_ = database_ + "_reader";
    server.Ask(fmt::format("CREATE USER {}@localhost IDENTIFIED BY 'hidden'", reader_));
    server.Ask(fmt::format("GRANT SELECT ON {}.* TO {}@localhost", database_, reader_));
    front_ = std::make_unique<TcpFront>(loop_, server.socket_path());
  }
  /// As OpenSession does it.
  Result<std::unique_ptr<sql::Session>> Open(std::string tls, std::string host = "localhost") {
    auto dialer = std::make_shared<sqlrunner::ExternalDialer>(
        Address(std::move(host), std::move(tls)), rules_, relays_, ca_file_);
    auto session = Await(engine_.Open(loop_.get_executor(), Spec(), dialer, Soon()));
    return session || !dialer->refusal() ? std::move(session) : Fail(*dialer->refusal());
  }
  std::string Ask(sql::Session& session, std::string statement) {
    Sink sink;
    auto outcome = Await(session.Execute(std::move(statement), sink, Soon()));
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome && *outcome ? (*outcome)->message
                               : sink.results.at(0).rows.at(0).back().value_or("NULL");
  }
  void ExpectRefused(const std::string& tls, const std::string& host, const char* words) {
    const auto refused = Open(tls, host);
    ASSERT_FALSE(refused) << tls;
    EXPECT_EQ(refused.error().code, Code::kDenied) << tls;
    EXPECT_THAT(refused.error().message, HasSubstr(words)) << tls;
    EXPECT_THAT(refused.error().message, HasSubstr(host)) << tls;
  }

  images::TempDirectory directory_;
  engines::mariadb::MariadbEngine engine_{directory_.path()};
  std::string ca_file_ = Certificates() / "ca.pem";
};

TEST_F(ExternalMariadbTlsTest, ASessionRunsOverTlsAndIsCancelledOverTls) {
  Secured().Ask(fmt::format("ALTER USER {}@localhost REQUIRE SSL", reader_));
  for (const char* mode : {"prefer", "require", "verify-ca", "verify-full"}) {
    auto session = Open(mode);
    ASSERT_TRUE(session) << mode << ": " << session.error().message;
    EXPECT_THAT(Ask(**session, "SHOW STATUS LIKE 'Ssl_version'"), HasSubstr("TLSv1")) << mode;
  }
  auto session = *Open("verify-full");
  Sink big;
  auto outcome = Await(session->Execute("SELECT REPEAT('x', 3000000)", big, Soon()));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(big.results.at(0).rows.at(0).at(0)->size(), 3'000'000U);
  EXPECT_TRUE(Await(session->Cancel(Soon())));
  EXPECT_EQ(Ask(*session, "SELECT 6 * 7"), "42");
}

TEST_F(ExternalMariadbTlsTest, AnotherWayToAskForThePasswordWorksOverTls) {
  Secured().Ask("INSTALL SONAME 'auth_ed25519'");
  Secured().Ask(fmt::format(
      "ALTER USER {}@localhost IDENTIFIED VIA ed25519 USING PASSWORD('hidden')", reader_));
  auto session = Open("verify-full");
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_EQ(Ask(**session, "SELECT 6 * 7"), "42");
  Secured().Ask("UNINSTALL SONAME 'auth_ed25519'");
}

TEST_F(ExternalMariadbTlsTest, AWrongPasswordIsToldInTheServersWords) {
  password_ = "guessed";
  const auto refused = Open("verify-full");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kDenied);
  EXPECT_THAT(refused.error().message, HasSubstr("Access denied"));
  EXPECT_THAT(refused.error().message, Not(HasSubstr("guessed")));
}

TEST_F(ExternalMariadbTlsTest, ACertificateOfAnotherAuthorityIsRefused) {
  const auto other = directory_.path() / "other";
  ASSERT_TRUE(certs::Authority::Create(other, {}));
  ca_file_ = other / "ca.pem";
  ExpectRefused("verify-full", "localhost", "its certificate is not trusted");
  ExpectRefused("verify-ca", "localhost", "its certificate is not trusted");
  ca_file_.clear();  // this host's authorities do not know it either
  ExpectRefused("verify-full", "localhost", "its certificate is not trusted");
  EXPECT_TRUE(Open("require"));
}

TEST_F(ExternalMariadbTlsTest, ACertificateForAnotherNameIsRefused) {
  ExpectRefused("verify-full", "127.0.0.1", "its certificate is for another name");
  EXPECT_TRUE(Open("verify-ca", "127.0.0.1"));
}

TEST_F(ExternalMariadbTlsTest, WithoutTlsOnlyPreferAndDisableGoOn) {
  Use(MariadbServer::Shared());
  for (const char* mode : {"require", "verify-ca", "verify-full"}) {
    ExpectRefused(mode, "localhost", "does not speak TLS");
  }
  for (const char* mode : {"prefer", "disable"}) {
    auto session = Open(mode);
    ASSERT_TRUE(session) << mode << ": " << session.error().message;
    EXPECT_THAT(Ask(**session, "SHOW STATUS LIKE 'Ssl_version'"), IsEmpty());
  }
}

TEST_F(ExternalMariadbTlsTest, AServerThatIsFullSaysSoInItsOwnWords) {
  Secured().Ask("SET GLOBAL max_connections = 10");
  std::vector<std::unique_ptr<sql::Session>> sessions;
  Result<std::unique_ptr<sql::Session>> last = Open("verify-full");
  for (int count = 0; last && count < 12; ++count) {
    sessions.push_back(*std::move(last));
    last = Open("verify-full");
  }
  Secured().Ask("SET GLOBAL max_connections = 100");
  ASSERT_FALSE(last);
  EXPECT_THAT(last.error().message, HasSubstr("Too many connections"));
}

}  // namespace
}  // namespace paddock::testing
