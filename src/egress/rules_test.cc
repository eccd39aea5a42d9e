#include "egress/rules.h"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

namespace paddock::egress {
namespace {

Address At(std::string_view text) { return boost::asio::ip::make_address(text); }

const std::vector<Address>& Own() {
  static const std::vector<Address> own{At("127.0.0.1"), At("93.184.1.5"), At("2a00:1::5")};
  return own;
}

TEST(EgressRules, NothingThatIsNotPublicMayBeReached) {
  const Rules rules;
  for (const char* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.1",
                           "10.255.255.255",
                           "100.64.0.1",
                           "100.100.100.200",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.0.9",
                           "168.63.129.16",
                           "169.254.0.1",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.192",
                           "192.0.2.1",
                           "192.168.0.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.7",
                           "203.0.113.7",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "fc00::1",
                           "fd00:ec2::254",
                           "fdff::1",
                           "fe80::1",
                           "fe80::1%1",
                           "febf::1",
                           "fec0::1",
                           "ff02::1",
                           "2001:db8::1",
                           "2001::1",
                           "3fff::1",
                           "4000::1",
                           "100::1",
                           "64:ff9b:1::1"}) {
    EXPECT_FALSE(rules.Check(At(text), Own())) << text;
  }
}

TEST(EgressRules, AnAddressInsideAnotherIsCheckedAsItself) {
  const Rules rules;
  for (const char* text :
       {"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:192.168.1.1",
        "::ffff:100.64.0.1", "::ffff:224.0.0.1", "::ffff:0.0.0.0", "::ffff:93.184.1.5",
        "::127.0.0.1", "::10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::", "2002:a00:1::1", "2002:5db8:105::1"}) {
    EXPECT_FALSE(rules.Check(At(text), Own())) << text;
  }
  EXPECT_TRUE(rules.Check(At("::ffff:8.8.8.8"), Own()));
}

TEST(EgressRules, PublicAddressesMayBeReached) {
  const Rules rules;
  for (const char* text :
       {"1.1.1.1", "8.8.8.8", "11.0.0.1", "100.63.255.255", "100.128.0.1", "172.15.255.255",
        "172.32.0.1", "192.167.255.255", "223.255.255.255", "2606:4700::1111", "2a00:1::6"}) {
    auto checked = rules.Check(At(text), Own());
    EXPECT_TRUE(checked) << text << ": " << checked.error().message;
  }
}

TEST(EgressRules, TheHostsOwnAddressesMayNotBeReached) {
  const Rules rules;
  for (const char* text : {"93.184.1.5", "2a00:1::5"}) {
    auto checked = rules.Check(At(text), Own());
    ASSERT_FALSE(checked) << text;
    EXPECT_EQ(checked.error().code, Code::kDenied);
  }
}

TEST(EgressRules, WhatAnAdminAllowsMayBeReachedInEveryForm) {
  const std::array<std::string, 3> allowed{"10.1.0.0/16", "fd00:7::/32", "93.184.1.5"};
  const auto rules = Rules::Allowing(allowed);
  ASSERT_TRUE(rules);
  for (const char* text : {"10.1.255.1", "::ffff:10.1.0.1", "fd00:7::1", "93.184.1.5"}) {
    EXPECT_TRUE(rules->Check(At(text), Own())) << text;
  }
  for (const char* text : {"10.2.0.1", "fd00:8::1", "127.0.0.1", "::1"}) {
    EXPECT_FALSE(rules->Check(At(text), Own())) << text;
  }
}

TEST(EgressRules, WhatIsNoNetworkIsRefused) {
  for (const std::string text : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/a", "10.0.0.0/-1",
                                 "fd00::/129", "localhost", "10.0.0/8", "10.0.0.0/8/8"}) {
    EXPECT_FALSE(Rules::Allowing(std::array{text})) << text;
  }
  EXPECT_TRUE(Rules::Allowing(std::array<std::string, 2>{"0.0.0.0/0", "::/0"}));
}

TEST(EgressRules, TheHostKnowsItsOwnAddresses) {
  const auto own = OwnAddresses();
  ASSERT_TRUE(own);
  EXPECT_NE(std::ranges::find(*own, At("127.0.0.1")), own->end());
}

}  // namespace
}  // namespace paddock::egress
