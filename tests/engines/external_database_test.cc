// Registered databases on a real PostgreSQL: who may write is refused, TLS is what was asked for,
// and addresses are checked.
#include <memory>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "egress/connection.h"
#include "external_fixture.h"
#include "postgres_engine_host.h"
#include "postgres_front.h"
#include "sqlrunner/external_dialer.h"
#include "sqlrunner/postgres_tls.h"
#include "sqlrunner/role_check.h"

namespace paddock::testing {
namespace {

using ::testing::HasSubstr;

class ExternalDatabaseTest : public ExternalFixture {
 protected:
  ExternalDatabaseTest() : ExternalFixture("postgres", "") {}
  void SetUp() override {
    if (const std::string missing = host_.missing(); !missing.empty()) {
      GTEST_SKIP() << missing;
    }
    database_ = host_.Database();
    reader_ = database_ + "_reader";
    Ask(
        fmt::format("CREATE ROLE {0} LOGIN; CREATE TABLE items (n int); "
                    "INSERT INTO items VALUES (7); GRANT SELECT ON items TO {0}; "
                    "CREATE SEQUENCE numbers; CREATE ROLE {0}_other; "
                    "REVOKE TEMPORARY ON DATABASE {1} FROM PUBLIC; "
                    "REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), "
                    "lo_from_bytea(oid, bytea) FROM PUBLIC",
                    reader_, database_));
  }
  void Ask(const std::string& sql) { PostgresEngineHost::server().Ask(database_, sql); }
  static std::filesystem::path Socket() { return PostgresEngineHost::server().socket_path(); }
  std::unique_ptr<sql::Session> Open(std::shared_ptr<sql::Dialer> dialer) {
    auto session =
        Await(host_.engine().Open(loop_.get_executor(), Spec(), std::move(dialer), Soon()));
    EXPECT_TRUE(session) << session.error().message;
    return session ? *std::move(session) : nullptr;
  }
  Result<void> CheckNow() {
    auto session = Open(std::make_shared<UnixDialer>(Socket()));
    return Await(sqlrunner::CheckRole(*session, sql::Dialect::kPostgres, Soon()));
  }
  void ExpectRefused(const std::string& sql, std::string_view words) {
    Ask(sql);
    const auto checked = CheckNow();
    ASSERT_FALSE(checked) << sql;
    EXPECT_EQ(checked.error().code, Code::kDenied) << sql;
    EXPECT_THAT(checked.error().message, HasSubstr(words)) << sql;
  }
  void ExpectFine(const std::string& sql) {
    Ask(sql);
    const auto checked = CheckNow();
    EXPECT_TRUE(checked) << sql << ": " << checked.error().message;
  }

  PostgresFront& StartSecuredFront() {
    auto front = std::make_unique<PostgresFront>(loop_, Socket(), Certificates());
    PostgresFront& secured = *front;
    front_ = std::move(front);
    return secured;
  }
  Result<UniqueFd> Dial(std::string host, std::string tls) {
    sqlrunner::ExternalDialer dialer(Address(std::move(host), std::move(tls)), rules_, relays_);
    return Await(dialer.Dial(Soon()));
  }
  Result<UniqueFd> Secure(sqlrunner::TlsMode mode, std::string host) {
    egress::Destination destination{.host = "127.0.0.1", .port = front_->port()};
    auto connected = Await(egress::Connect(std::move(destination), rules_, Soon()));
    EXPECT_TRUE(connected);
    sqlrunner::TlsWish wish{
        .mode = mode, .host = std::move(host), .ca_file = Certificates() / "ca.pem"};
    auto relay =
        sqlrunner::TlsRelay::Make(loop_.get_executor(), *std::move(connected), std::move(wish));
    EXPECT_TRUE(relay);
    return Await(sqlrunner::BeginPostgresTls(*std::move(relay), relays_, Soon()));
  }

  PostgresEngineHost host_;
};

TEST_F(ExternalDatabaseTest, ARoleThatCanOnlyReadIsFine) { ExpectFine("SELECT 1"); }

TEST_F(ExternalDatabaseTest, WhateverLetsARoleWriteIsFoundAndTheRemedyWorks) {
  struct Case {
    std::string grant;
    std::string words;
    std::string revoke;
  };
  const std::string other = reader_ + "_other";
  for (const Case& each : std::initializer_list<Case>{
           {"GRANT INSERT ON items TO {}", "public.items", "REVOKE INSERT ON items FROM {}"},
           {"GRANT UPDATE (n) ON items TO {}", "public.items",
            "REVOKE UPDATE (n) ON items FROM {}"},
           {"GRANT DELETE ON items TO PUBLIC", "public.items",
            "REVOKE DELETE ON items FROM PUBLIC"},
           {"GRANT TRUNCATE ON items TO {}", "public.items", "REVOKE TRUNCATE ON items FROM {}"},
           {"ALTER TABLE items OWNER TO {}", "public.items", "ALTER TABLE items OWNER TO paddock"},
           {"GRANT USAGE ON SEQUENCE numbers TO {}", "public.numbers",
            "REVOKE USAGE ON SEQUENCE numbers FROM {}"},
           {"GRANT CREATE ON SCHEMA public TO {}", "REVOKE CREATE ON SCHEMA",
            "REVOKE CREATE ON SCHEMA public FROM {}"},
           {"GRANT CREATE ON DATABASE " + database_ + " TO {}", "REVOKE CREATE ON DATABASE",
            "REVOKE CREATE ON DATABASE " + database_ + " FROM {}"},
           {"ALTER ROLE {} CREATEDB", "CREATE ROLE", "ALTER ROLE {} NOCREATEDB"},
           {"ALTER ROLE {} SUPERUSER", "CREATE ROLE", "ALTER ROLE {} NOSUPERUSER"},
           {"GRANT pg_write_all_data TO {}", "pg_write_all_data",
            "REVOKE pg_write_all_data FROM {}"},
           {"GRANT pg_read_server_files TO {}", "pg_read_server_files",
            "REVOKE pg_read_server_files FROM {}"},
           // Not inherited, and taken on by SET ROLE.
           {fmt::format(
                "ALTER ROLE {{0}} NOINHERIT; GRANT INSERT ON items TO {0}; GRANT {0} TO {{0}}",
                other),
            "public.items", "REVOKE " + other + " FROM {}"},
           {"CREATE FUNCTION wipe() RETURNS void LANGUAGE sql SECURITY DEFINER AS "
            "'DELETE FROM public.items'",
            "wipe()", "REVOKE EXECUTE ON FUNCTION wipe() FROM PUBLIC"},
           {"GRANT TEMPORARY ON DATABASE " + database_ + " TO PUBLIC", "REVOKE TEMPORARY",
            "REVOKE TEMPORARY ON DATABASE " + database_ + " FROM PUBLIC"},
           {"GRANT EXECUTE ON FUNCTION lo_creat(integer) TO {}", "lo_creat(integer)",
            "REVOKE EXECUTE ON FUNCTION lo_creat(integer) FROM {}"},
           {"GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC", "lo_create(oid)",
            "REVOKE EXECUTE ON FUNCTION lo_create(oid) FROM PUBLIC"},
           {"GRANT EXECUTE ON FUNCTION lo_from_bytea(oid, bytea) TO {}", "lo_from_bytea(oid,bytea)",
            "REVOKE EXECUTE ON FUNCTION lo_from_bytea(oid, bytea) FROM {}"},
           {"SELECT lo_create(4711); GRANT UPDATE ON LARGE OBJECT 4711 TO {}", "4711",
            "REVOKE UPDATE ON LARGE OBJECT 4711 FROM {}"},
           {"GRANT UPDATE ON LARGE OBJECT 4711 TO PUBLIC", "4711",
            "REVOKE UPDATE ON LARGE OBJECT 4711 FROM PUBLIC"},
           {"ALTER LARGE OBJECT 4711 OWNER TO {}", "4711", "SELECT lo_unlink(4711)"}}) {
    ExpectRefused(fmt::format(fmt::runtime(each.grant), reader_), each.words);
    ExpectFine(fmt::format(fmt::runtime(each.revoke), reader_));
  }
}

TEST_F(ExternalDatabaseTest, ItsTransactionsReadOnly) {
  auto session = Open(std::make_shared<UnixDialer>(Socket()));
  Sink sink;
  auto outcome = Await(session->Execute("CREATE TEMP TABLE t (n int)", sink, Soon()));
  ASSERT_TRUE(outcome);
  ASSERT_TRUE(outcome->has_value());
  EXPECT_EQ(outcome->value().code, "25006");
}

TEST_F(ExternalDatabaseTest, WhoHasPassedTheCheckMakesNothingInTransactionsThatWriteEither) {
  ASSERT_TRUE(CheckNow());
  auto session = Open(std::make_shared<UnixDialer>(Socket()));
  for (const char* statement :
       {"SET default_transaction_read_only = off", "CREATE TEMP TABLE t (n int)",
        "CREATE TABLE public.t (n int)", "SELECT lo_create(0)", "SELECT lo_creat(-1)",
        "SELECT lo_from_bytea(0, 'x')", "INSERT INTO items VALUES (1)", "CREATE SCHEMA s"}) {
    Sink sink;
    auto outcome = Await(session->Execute(statement, sink, Soon()));
    ASSERT_TRUE(outcome) << statement;
    EXPECT_EQ(outcome->has_value() ? outcome->value().code : "",
              std::string_view(statement).starts_with("SET") ? "" : "42501")
        << statement;
  }
}

TEST_F(ExternalDatabaseTest, ASessionRunsOverTls) {
  const PostgresFront& front = StartSecuredFront();
  auto socket = Dial("localhost", "require");
  ASSERT_TRUE(socket) << socket.error().message;
  auto dialer =
      std::make_shared<sqlrunner::ExternalDialer>(Address("localhost", "require"), rules_, relays_);
  auto session = Open(dialer);
  ASSERT_NE(session, nullptr);
  Sink sink;
  auto outcome = Await(session->Execute("SELECT repeat('x', 1000000), n FROM items", sink, Soon()));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_FALSE(outcome->has_value());
  EXPECT_TRUE(Await(session->Cancel(Soon())));
  EXPECT_GE(front.secured_count(), 2);
}

TEST_F(ExternalDatabaseTest, ACertificateMustBeTrustedAndForTheName) {
  using sqlrunner::TlsMode;
  StartSecuredFront();
  EXPECT_TRUE(Secure(TlsMode::kVerifyFull, "localhost"));
  EXPECT_TRUE(Secure(TlsMode::kVerifyCa, "other.example"));
  const auto other = Secure(TlsMode::kVerifyFull, "other.example");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::kDenied);
  EXPECT_THAT(other.error().message, HasSubstr("its certificate is for another name"));
  for (const char* mode : {"verify-full", "verify-ca"}) {
    const auto untrusted = Dial("localhost", mode);
    ASSERT_FALSE(untrusted) << mode;
    EXPECT_THAT(untrusted.error().message, HasSubstr("certificate is not trusted"));
  }
}

TEST_F(ExternalDatabaseTest, WithoutTlsOnlyPreferGoesOn) {
  front_ = std::make_unique<TcpFront>(loop_, Socket());
  for (const char* mode : {"require", "verify-ca", "verify-full"}) {
    const auto refused = Dial("localhost", mode);
    ASSERT_FALSE(refused) << mode;
    EXPECT_EQ(refused.error().code, Code::kDenied);
  }
  EXPECT_TRUE(Dial("localhost", "prefer"));
  EXPECT_FALSE(Dial("localhost", "nonsense"));
}

TEST_F(ExternalDatabaseTest, AnAddressThatIsNotAllowedIsNotDialled) {
  StartSecuredFront();
  rules_ = egress::Rules();
  const auto refused = Dial("localhost", "prefer");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kDenied);
  EXPECT_THAT(refused.error().message, HasSubstr("loopback"));
}

}  // namespace
}  // namespace paddock::testing
