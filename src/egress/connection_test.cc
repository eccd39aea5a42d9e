#include "egress/connection.h"

#include <array>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include "aio/testing/run_on.h"

namespace paddock::egress {
namespace {

using boost::asio::ip::tcp;

class EgressConnectionTest : public ::testing::Test {
 protected:
  Result<UniqueFd> ConnectTo(std::string host, const Rules& rules) {
    Destination destination{.host = std::move(host), .port = listener_.local_endpoint().port()};
    return aio::testing::RunUntilDone(
        loop_, Connect(std::move(destination), rules, Deadline::After(std::chrono::seconds(30))));
  }

  boost::asio::io_context loop_;
  tcp::acceptor listener_{loop_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
};

TEST_F(EgressConnectionTest, EveryNameOfLoopbackIsRefusedBeforeAnythingIsDialled) {
  const Rules rules;
  listener_.non_blocking(true);
  for (const char* host :
       {"127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433", "0", "::ffff:127.0.0.1"}) {
    auto connected = ConnectTo(host, rules);
    ASSERT_FALSE(connected) << host;
    EXPECT_EQ(connected.error().code, Code::kDenied) << host << ": " << connected.error().message;
  }
  boost::system::error_code failure;
  tcp::socket nobody(loop_);
  listener_.accept(nobody, failure);
  EXPECT_EQ(failure, boost::asio::error::would_block);
}

TEST_F(EgressConnectionTest, WhatIsAllowedIsReached) {
  const auto rules = Rules::Allowing(std::array<std::string, 1>{"127.0.0.0/8"});
  ASSERT_TRUE(rules);
  auto connected = ConnectTo("127.0.0.1", *rules);
  ASSERT_TRUE(connected) << connected.error().message;
  EXPECT_TRUE(*connected);
  EXPECT_NO_THROW((void)listener_.accept());
}

TEST_F(EgressConnectionTest, WhoDoesNotListenIsSaidSo) {
  const auto rules = Rules::Allowing(std::array<std::string, 1>{"127.0.0.0/8"});
  const auto port = listener_.local_endpoint().port();
  listener_.close();
  Destination destination{.host = "127.0.0.1", .port = port};
  auto connected = aio::testing::RunUntilDone(
      loop_, Connect(std::move(destination), *rules, Deadline::After(std::chrono::seconds(30))));
  ASSERT_FALSE(connected);
  EXPECT_EQ(connected.error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace paddock::egress
