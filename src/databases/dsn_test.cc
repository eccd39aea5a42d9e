#include "databases/dsn.h"

#include <gtest/gtest.h>

namespace paddock::databases {
namespace {

TEST(Dsn, SaysWhereAndWhoAndChecksTheCertificateUnlessItSaysOtherwise) {
  const auto dsn = Dsn::Parse("postgres://reader:s%40crt%2f@db.example.org/shop");
  ASSERT_TRUE(dsn) << dsn.error().message;
  EXPECT_EQ(dsn->engine, sql::Dialect::kPostgres);
  EXPECT_EQ(dsn->host, "db.example.org");
  EXPECT_EQ(dsn->port, 5432);
  EXPECT_EQ(dsn->database, "shop");
  EXPECT_EQ(dsn->user, "reader");
  EXPECT_EQ(dsn->password, "s@crt/");
  EXPECT_EQ(dsn->tls, Tls::kVerifyFull);
}

TEST(Dsn, TakesPortsAddressesAndModes) {
  const auto v6 = Dsn::Parse("postgresql://r@[2001:db8::1]:6000/d?sslmode=verify-ca");
  ASSERT_TRUE(v6) << v6.error().message;
  EXPECT_EQ(v6->host, "2001:db8::1");
  EXPECT_EQ(v6->port, 6000);
  EXPECT_EQ(v6->tls, Tls::kVerifyCa);
  EXPECT_EQ(v6->password, "");
  const auto mariadb = Dsn::Parse("mariadb://r:p@10.0.0.5/?sslmode=disable");
  ASSERT_TRUE(mariadb) << mariadb.error().message;
  EXPECT_EQ(mariadb->port, 3306);
  EXPECT_EQ(mariadb->tls, Tls::kOff);
  EXPECT_EQ(Dsn::Parse("mariadb://r:p@h/d")->tls, Tls::kVerifyFull);
  EXPECT_EQ(Dsn::Parse("mariadb://r:p@h/d?sslmode=verify-ca")->tls, Tls::kVerifyCa);
  EXPECT_EQ(Dsn::Parse("postgres://r@h/d?sslmode=require")->tls, Tls::kRequire);
  EXPECT_EQ(Dsn::Parse("postgres://r@h/d?sslmode=prefer")->tls, Tls::kPrefer);
}

TEST(Dsn, IsRefusedWithoutRepeatingIt) {
  for (const char* text : {"",
                           "postgres:",
                           "oracle://u:hidden@h/d",
                           "kwdb://u:hidden@h/d",
                           "postgres://h/d",
                           "postgres://:hidden@h/d",
                           "postgres://u:hidden@/d",
                           "postgres://u:hidden@h",
                           "postgres://u:hidden@h/",
                           "postgres://u:hidden@h:0/d",
                           "postgres://u:hidden@h:65536/d",
                           "postgres://u:hidden@h:1x/d",
                           "postgres://u:hidden@h1,h2/d",
                           "postgres://u:hidden@%2ftmp/d",
                           "postgres://u:hidden@[::1/d",
                           "postgres://u:hidden@[::1]x/d",
                           "postgres://u:hidden@h/d?sslmode=disable",
                           "postgres://u:hidden@h/d?sslmode=off",
                           "postgres://u:hidden@h/d?hostaddr=127.0.0.1",
                           "postgres://u:hidden@h/d?sslmode=require&service=x",
                           "postgres://u:hidden%0@h/d",
                           "postgres://u:hidden%zz@h/d",
                           "postgres://u:hidden%00@h/d",
                           "postgres://u:hidden%ff@h/d",
                           "mariadb://u:hidden@h/d?sslmode=PREFERRED"}) {
    const auto dsn = Dsn::Parse(text);
    ASSERT_FALSE(dsn) << text;
    EXPECT_EQ(dsn.error().code, Code::kInvalid);
    EXPECT_EQ(dsn.error().message.find("hidden"), std::string::npos) << dsn.error().message;
  }
  EXPECT_FALSE(Dsn::Parse("postgres://u@h/" + std::string(kDsnBytesMax, 'd')));
}

TEST(Dsn, IsShownWithoutItsPassword) {
  EXPECT_EQ(Dsn::Parse("postgres://reader:hidden@db/shop")->WithoutPassword(),
            "postgres://reader@db:5432/shop?sslmode=verify-full");
  const auto* const odd = "postgres://a%40b%2fc:hidden@db:5432/d%3fe%20h\u00e4?sslmode=prefer";
  const auto shown = Dsn::Parse(odd)->WithoutPassword();
  EXPECT_EQ(shown, "postgres://a%40b%2fc@db:5432/d%3fe%20h\u00e4?sslmode=prefer");
  EXPECT_EQ(Dsn::Parse(shown)->user, "a@b/c");
  EXPECT_EQ(Dsn::Parse(shown)->database, "d?e h\u00e4");
  EXPECT_EQ(Dsn::Parse("mariadb://r:hidden@[fd00::1]:33/?sslmode=disable")->WithoutPassword(),
            "mariadb://r@[fd00::1]:33/?sslmode=disable");
}

}  // namespace
}  // namespace paddock::databases
