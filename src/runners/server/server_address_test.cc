#include "runners/server/server_address.h"

#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace paddock::runners::server {
namespace {

using sql::Dialect;
using ::testing::HasSubstr;
using ::testing::Not;

ServerAddress Must(std::string_view url, Dialect dialect = Dialect::kPostgres) {
  auto address = ParseServerAddress(url, dialect);
  EXPECT_TRUE(address) << url;
  return address ? *address : ServerAddress();
}

TEST(ServerAddress, AHostHasAPortOfItsOwnOrTheUsualOne) {
  const auto plain = Must("postgres://root:p%40ss%2F@db.example");
  EXPECT_EQ(plain.user, "root");
  EXPECT_EQ(plain.password, "p@ss/");
  EXPECT_EQ(plain.Describe(), "db.example:5432");
  EXPECT_EQ(Must("postgres://root:x@[::1]:5433/").port, 5433);
  EXPECT_EQ(Must("postgres://root:x@[::1]:5433/").host, "::1");
  EXPECT_EQ(Must("mariadb://root:x@127.0.0.1", Dialect::kMariadb).port, 3306);
}

TEST(ServerAddress, ASocketIsWhereTheServersClientsLookForIt) {
  EXPECT_EQ(Must("postgres://root:x@/?host=/run/pg").socket, "/run/pg/.s.PGSQL.5432");
  EXPECT_EQ(Must("postgres://root:x@:5433/?host=/run/pg").socket, "/run/pg/.s.PGSQL.5433");
  EXPECT_EQ(Must("mariadb://root:x@/?socket=/run/m.sock", Dialect::kMariadb).socket, "/run/m.sock");
}

TEST(ServerAddress, WhatIsWrongIsRefusedWithoutRepeatingIt) {
  for (const char* url :
       {"", "postgres://", "mysql://root:hunter2@host", "postgres://host",
        "postgres://:hunter2@host", "postgres://root:hunter2@", "postgres://root:hunter2@host:0",
        "postgres://root:hunter2@host:70000", "postgres://root:hunter2@host:1x",
        "postgres://root:hunter2@host/database", "postgres://root:hunter2@/?host=relative",
        "postgres://root:hunter2@host/?host=/run", "postgres://root:%zz@host",
        "postgres://root:%00@host", "postgres://root:x@[::1", "postgres://root:hunter2@/?x=/run"}) {
    const auto address = ParseServerAddress(url, Dialect::kPostgres);
    ASSERT_FALSE(address) << url;
    EXPECT_EQ(address.error().code, Code::kInvalid);
    EXPECT_THAT(address.error().message, Not(HasSubstr("hunter2")));
  }
}

}  // namespace
}  // namespace paddock::runners::server
