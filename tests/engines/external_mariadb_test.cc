// Whether the user of a registered MariaDB can only read, as a real MariaDB says it.
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "external_fixture.h"
#include "mariadb_engine_host.h"
#include "sqlrunner/role_check.h"

namespace paddock::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ExternalMariadbTest : public ExternalFixture {
 protected:
  ExternalMariadbTest() : ExternalFixture("mariadb", "hidden") {}
  void SetUp() override {
    if (const std::string missing = host_.missing(); !missing.empty()) {
      GTEST_SKIP() << missing;
    }
    database_ = host_.spec().database;
    reader_ = database_ + "_reader";
    Ask(fmt::format("CREATE USER {}@localhost IDENTIFIED BY 'hidden'", reader_));
    Ask(fmt::format("GRANT SELECT, SHOW VIEW ON {}.* TO {}@localhost", database_, reader_));
    Ask(fmt::format("CREATE TABLE {}.items (n int)", database_));
  }

  static void Ask(const std::string& sql) { MariadbEngineHost::server().Ask(sql); }
  Result<void> Check() {
    auto session =
        Await(host_.engine().Open(loop_.get_executor(), Spec(), host_.MakeDialer(loop_), Soon()));
    if (!session) {
      return Fail(std::move(session).error());
    }
    return Await(sqlrunner::CheckRole(**session, sql::Dialect::kMariadb, Soon()));
  }

  MariadbEngineHost host_;
};

TEST_F(ExternalMariadbTest, AUserWhoCanOnlyReadIsFine) {
  const auto checked = Check();
  EXPECT_TRUE(checked) << checked.error().message;
}

TEST_F(ExternalMariadbTest, WhateverLetsAUserWriteIsNamedWithoutThePasswordsHash) {
  for (const std::string what : {"INSERT", "UPDATE", "CREATE TEMPORARY TABLES", "EXECUTE"}) {
    Ask(fmt::format("GRANT {} ON {}.* TO {}@localhost", what, database_, reader_));
    const auto checked = Check();
    ASSERT_FALSE(checked) << what;
    EXPECT_EQ(checked.error().code, Code::kDenied);
    EXPECT_THAT(checked.error().message, HasSubstr(what));
    EXPECT_THAT(checked.error().message, Not(HasSubstr("*")));
    Ask(fmt::format("REVOKE {} ON {}.* FROM {}@localhost", what, database_, reader_));
  }
  // From MariaDB 10.11 on, all users have what is granted to PUBLIC.
  Ask(fmt::format("GRANT INSERT ON {}.* TO PUBLIC", database_));
  EXPECT_FALSE(Check());
  Ask(fmt::format("REVOKE INSERT ON {}.* FROM PUBLIC", database_));
  Ask(fmt::format("GRANT UPDATE (n) ON {}.items TO {}@localhost", database_, reader_));
  EXPECT_FALSE(Check());
  Ask(fmt::format("REVOKE UPDATE (n) ON {}.items FROM {}@localhost", database_, reader_));
  Ask(fmt::format("CREATE ROLE {}_role", reader_));
  Ask(fmt::format("GRANT {0}_role TO {0}@localhost", reader_));
  EXPECT_FALSE(Check());
  Ask(fmt::format("REVOKE {0}_role FROM {0}@localhost", reader_));
  EXPECT_TRUE(Check());
}

}  // namespace
}  // namespace paddock::testing
