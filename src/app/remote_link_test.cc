#include "app/remote_link.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace paddock::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

RemoteLink OfNode() {
  return {.name = "node",
          .address = {},
          .listen = "10.0.0.5:3007",
          .clients = {"web", "second"},
          .certificate = "node.pem",
          .key = "node.key",
          .authority = "ca.pem"};
}

RemoteLink OfServer() {
  return {.name = "node",
          .address = "node.example:3007",
          .listen = {},
          .clients = {},
          .certificate = "web.pem",
          .key = "web.key",
          .authority = "ca.pem"};
}

template <class T>
std::string Refusal(const Result<T>& result) {
  EXPECT_FALSE(result);
  if (result) {
    return "";
  }
  EXPECT_EQ(result.error().code, Code::kInvalid);
  return result.error().message;
}

TEST(RemoteLink, NothingSaidIsOneHost) {
  EXPECT_EQ(RemoteAccessOf({.name = "node"}).value().has_value(), false);
  EXPECT_EQ(RemoteServiceOf({.name = "node"}).value().has_value(), false);
}

TEST(RemoteLink, AllOfItSaidIsTwoHosts) {
  const auto access = RemoteAccessOf(OfNode()).value();
  ASSERT_TRUE(access);
  EXPECT_EQ(access->address, "10.0.0.5:3007");
  EXPECT_THAT(access->clients, ElementsAre("web", "second"));
  EXPECT_EQ(access->files.key, "node.key");
  const auto node = RemoteServiceOf(OfServer()).value();
  ASSERT_TRUE(node);
  EXPECT_EQ(node->address, "node.example:3007");
  EXPECT_EQ(node->files.authority, "ca.pem");
}

TEST(RemoteLink, APartOfWhatANodeNeedsIsRefusedAndTheRestIsNamed) {
  RemoteLink link = OfNode();
  link.clients.clear();
  link.key.clear();
  EXPECT_THAT(Refusal(RemoteAccessOf(link)), HasSubstr("without --node-key, --node-clients"));
  RemoteLink only_address{.name = "node"};
  only_address.listen = "[::]:3007";
  EXPECT_THAT(Refusal(RemoteAccessOf(only_address)), HasSubstr("--node-listen without"));
  RemoteLink only_clients{.name = "node"};
  only_clients.clients = {"web"};
  EXPECT_THAT(Refusal(RemoteAccessOf(only_clients)), HasSubstr("--node-clients without"));
}

TEST(RemoteLink, APartOfWhatAServerNeedsIsRefusedAndTheRestIsNamed) {
  RemoteLink link = OfServer();
  link.authority.clear();
  EXPECT_THAT(Refusal(RemoteServiceOf(link)), HasSubstr("without --node-ca"));
  link = OfServer();
  link.address.clear();
  EXPECT_THAT(Refusal(RemoteServiceOf(link)), HasSubstr("without --node:"));
}

TEST(RemoteLink, AProcessThatIsNothingElseNeedsAllOfIt) {
  EXPECT_TRUE(RequiredAccessOf(OfNode()));
  EXPECT_THAT(Refusal(RequiredAccessOf({.name = "runner"})),
              HasSubstr("--runner-certificate, --runner-key, --runner-ca, --runner-listen, "
                        "--runner-clients missing"));
}

TEST(RemoteLink, AnAddressNeedsAHostAndAPort) {
  RemoteLink link{.name = "node"};
  config::OptionSet set(config::Process::kAll);
  DeclareRemoteLink(set, link, config::Process::kNode,
                    {.group = "", .address = "", .listen = "", .port = "3007"});
  for (const std::string address : {"node", "node:", "node:x", "node:70000", ":3007", "::1:3007"}) {
    EXPECT_FALSE(set.Find("node")->check(address)) << address;
    EXPECT_FALSE(set.Find("node-listen")->check(address)) << address;
  }
  for (const std::string address : {"", ":", "node:0", "no de:1", "[::1]", "[]:1", "node:+1"}) {
    EXPECT_FALSE(set.Find("node")->check(address)) << address;
  }
  EXPECT_TRUE(set.Find("node-listen")->check("[::]:3007"));
  EXPECT_TRUE(set.Find("node-listen")->check("127.0.0.1:0"));
  for (const std::string address : {"node.example:3007", "10.0.0.5:1", "[::1]:3007"}) {
    EXPECT_TRUE(set.Find("node")->check(address)) << address;
  }
}

}  // namespace
}  // namespace paddock::app
