#include "forwarding/forward_target.h"

#include <gtest/gtest.h>

namespace paddock::forwarding {
namespace {

TEST(ForwardTarget, AServerIsAUrlWithOrWithoutAPort) {
  const auto plain = MakeTarget("http://127.0.0.1:3006", "abc", 5432, "token");
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->tls);
  EXPECT_EQ(plain->host, "127.0.0.1");
  EXPECT_EQ(plain->port, "3006");
  EXPECT_EQ(plain->path, "/api/v1/sandboxes/abc/forward?port=5432");
  const auto tls = MakeTarget("https://learn.example/", "abc", 1, "token");
  ASSERT_TRUE(tls);
  EXPECT_TRUE(tls->tls);
  EXPECT_EQ(tls->port, "443");
  const auto six = MakeTarget("http://[::1]:80", "abc", 1, "token");
  ASSERT_TRUE(six);
  EXPECT_EQ(six->host, "::1");
}

TEST(ForwardTarget, WhatCouldForgeARequestIsRefused) {
  EXPECT_FALSE(MakeTarget("ftp://host", "abc", 1, "token"));
  EXPECT_FALSE(MakeTarget("http://", "abc", 1, "token"));
  EXPECT_FALSE(MakeTarget("http://host:x", "abc", 1, "token"));
  EXPECT_FALSE(MakeTarget("http://host\r\n", "abc", 1, "token"));
  EXPECT_FALSE(MakeTarget("http://[::1", "abc", 1, "token"));
  EXPECT_FALSE(MakeTarget("http://host", "../users", 1, "token"));
  EXPECT_FALSE(MakeTarget("http://host", "abc", 1, "to\r\nken"));
  EXPECT_FALSE(MakeTarget("http://host", "abc", 1, ""));
}

}  // namespace
}  // namespace paddock::forwarding
