#include "stores/postgres/settings.h"

#include <gtest/gtest.h>

namespace paddock::stores::postgres {
namespace {

TEST(Settings, AUrlIsReadAsLibpqDoes) {
  auto settings =
      Settings::Parse("postgres://ann:s%40cret@db.example.org:5433/school?sslmode=verify-full");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->Get("host"), "db.example.org");
  EXPECT_EQ(settings->Get("port"), "5433");
  EXPECT_EQ(settings->Get("user"), "ann");
  EXPECT_EQ(settings->Get("password"), "s@cret");
  EXPECT_EQ(settings->Get("dbname"), "school");
  EXPECT_EQ(settings->Get("sslmode"), "verify-full");
  EXPECT_EQ(settings->Describe(), "db.example.org:5433/school");
}

TEST(Settings, WhatIsNoUrlIsRefusedWithoutRepeatingIt) {
  for (const char* url :
       {"", "sqlite:/x", "host=a password=hunter2", "postgres://ann:hunter2%@host/db",
        "postgres://ann:hunter2@host/db?nonsense=1", "postgres://ann:hunter2@[::1/db"}) {
    auto settings = Settings::Parse(url);
    ASSERT_FALSE(settings) << url;
    EXPECT_EQ(settings.error().code, Code::kInvalid);
    EXPECT_EQ(settings.error().message.find("hunter2"), std::string::npos);
  }
  EXPECT_FALSE(Settings::Parse("postgres://" + std::string(5000, 'a')));
}

TEST(Settings, ThePasswordIsTakenOutOfAnyText) {
  auto settings = Settings::Parse("postgresql://ann:hunter2@host/db?sslpassword=keyword");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->Scrub("hunter2 is wrong:\n\thunter2, keyword\n"), "*** is wrong: ***, ***");
  EXPECT_EQ(settings->Describe().find("hunter2"), std::string::npos);
}

TEST(Settings, ADeadServerIsNoticedUnlessTheUrlSaysOtherwise) {
  auto settings = Settings::Parse("postgres://host/db?keepalives_idle=7");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->Get("keepalives_idle"), "7");
  EXPECT_EQ(settings->Get("tcp_user_timeout"), "30000");
}

}  // namespace
}  // namespace paddock::stores::postgres
