// Registered databases of a real MariaDB, over TLS: it is what was asked for, and sessions do all
// that they do without it.
#include <array>
#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aio/testing/run_on.h"
#include "certs/authority.h"
#include "engines/mariadb/mariadb_engine.h"
#include "images/testing/temp_directory.h"
#include "mariadb_server.h"
#include "sqlrunner/external_dialer.h"
#include "tcp_front.h"

namespace paddock::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Deadline Soon() { return Deadline::After(std::chrono::seconds(30)); }

/// Keeps the last value of a result, and how many bytes there were.
class LastValue final : public sql::ResultSink {
 public:
  aio::Task<Result<void>> Columns(std::vector<sql::Column> /*columns*/) override {
    co_return Result<void>();
  }
  aio::Task<Result<void>> Append(sql::Rows rows) override {
    for (std::size_t row = 0; row < rows.row_count(); ++row) {
      text = rows.At(row, rows.column_count() - 1).text;
      bytes += text.size();
    }
    co_return Result<void>();
  }
  aio::Task<Result<void>> Complete(sql::CommandResult /*result*/) override {
    co_return Result<void>();
  }
  void Note(sql::Notice /*notice*/) override {}

  std::string text;
  std::size_t bytes = 0;
};

/// An authority, and a certificate for localhost, that outlive the server.
const std::filesystem::path& Certificates() {
  static const images::TempDirectory directory;
  static const std::filesystem::path path = [] {
    auto where = directory.path() / "ca";
    EXPECT_TRUE(certs::Authority::Create(where, {}));
    EXPECT_TRUE(certs::Authority(where).MakeServer("certificate", {"localhost"}, {}));
    return where;
  }();
  return path;
}

class ExternalMariadbTlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = Secured().missing(); !missing.empty()) {
      GTEST_SKIP() << missing;
    }
    Use(Secured());
  }
  void TearDown() override {
    if (front_) {
      Await(front_->Close());
    }
    Await(Ended(relays_));
  }

  static MariadbServer& Secured() {
    static MariadbServer server(Certificates());
    return server;
  }
  void Use(MariadbServer& server) {
    if (front_) {
      Await(front_->Close());
    }
    database_ = server.MakeDatabase();
    reader_ = database_ + "_reader";
    server.Ask(fmt::format("CREATE USER {}@localhost IDENTIFIED BY 'hidden'", reader_));
    server.Ask(fmt::format("GRANT SELECT ON {}.* TO {}@localhost", database_, reader_));
    front_ = std::make_unique<TcpFront>(loop_, server.socket_path());
  }
  static aio::Task<bool> Ended(aio::TaskScope& scope) {
    scope.Cancel();
    co_await scope.Join();
    co_return true;
  }
  template <class T>
  T Await(aio::Task<T> task) {
    loop_.restart();
    return aio::testing::RunUntilDone(loop_, std::move(task));
  }
  /// As OpenSession does it.
  Result<std::unique_ptr<sql::Session>> Open(std::string tls, std::string host = "localhost") {
    sqlrunner::ExternalAddress address{.engine = "mariadb",
                                       .host = std::move(host),
                                       .port = front_->port(),
                                       .database = database_,
                                       .user = reader_,
                                       .password = password_,
                                       .tls = std::move(tls)};
    sql::OpenSpec spec{.database = database_,
                       .user = reader_,
                       .password = password_,
                       .application_name = "t",
                       .read_only = true};
    auto dialer =
        std::make_shared<sqlrunner::ExternalDialer>(std::move(address), rules_, relays_, ca_file_);
    auto session = Await(engine_.Open(loop_.get_executor(), std::move(spec), dialer, Soon()));
    return session || !dialer->refusal() ? std::move(session) : Fail(*dialer->refusal());
  }
  std::string Ask(sql::Session& session, std::string statement) {
    LastValue sink;
    auto outcome = Await(session.Execute(std::move(statement), sink, Soon()));
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome && *outcome ? (*outcome)->message : sink.text;
  }
  void ExpectRefused(const std::string& tls, const std::string& host, const char* words) {
    const auto refused = Open(tls, host);
    ASSERT_FALSE(refused) << tls;
    EXPECT_EQ(refused.error().code, Code::kDenied) << tls;
    EXPECT_THAT(refused.error().message, HasSubstr(words)) << tls;
    EXPECT_THAT(refused.error().message, HasSubstr(host)) << tls;
  }

  boost::asio::io_context loop_;
  aio::TaskScope relays_{loop_.get_executor()};
  images::TempDirectory directory_;
  engines::mariadb::MariadbEngine engine_{directory_.path()};
  std::unique_ptr<TcpFront> front_;
  egress::Rules rules_ =
      egress::Rules::Allowing(std::array<std::string, 2>{"127.0.0.0/8", "::1"}).value();
  std::string ca_file_ = Certificates() / "ca.pem";
  std::string database_;
  std::string reader_;
  std::string password_ = "hidden";
};

TEST_F(ExternalMariadbTlsTest, ASessionRunsOverTlsAndIsCancelledOverTls) {
  Secured().Ask(fmt::format("ALTER USER {}@localhost REQUIRE SSL", reader_));
  for (const char* mode : {"prefer", "require", "verify-ca", "verify-full"}) {
    auto session = Open(mode);
    ASSERT_TRUE(session) << mode << ": " << session.error().message;
    EXPECT_THAT(Ask(**session, "SHOW STATUS LIKE 'Ssl_version'"), HasSubstr("TLSv1")) << mode;
  }
  auto session = *Open("verify-full");
  LastValue big;
  auto outcome = Await(session->Execute("SELECT REPEAT('x', 3000000)", big, Soon()));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(big.bytes, 3'000'000U);
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
