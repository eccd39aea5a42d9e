#include "app/node_link.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace paddock::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

NodeLink OfNode() {
  return {.node = {},
          .listen = "10.0.0.5:3007",
          .clients = {"web", "second"},
          .certificate = "node.pem",
          .key = "node.key",
          .authority = "ca.pem"};
}

NodeLink OfServer() {
  return {.node = "node.example:3007",
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

TEST(NodeLink, NothingSaidIsOneHost) {
  EXPECT_EQ(RemoteAccessOf({}).value().has_value(), false);
  EXPECT_EQ(RemoteNodeOf({}).value().has_value(), false);
}

TEST(NodeLink, AllOfItSaidIsTwoHosts) {
  const auto access = RemoteAccessOf(OfNode()).value();
  ASSERT_TRUE(access);
  EXPECT_EQ(access->address, "10.0.0.5:3007");
  EXPECT_THAT(access->clients, ElementsAre("web", "second"));
  EXPECT_EQ(access->files.key, "node.key");
  const auto node = RemoteNodeOf(OfServer()).value();
  ASSERT_TRUE(node);
  EXPECT_EQ(node->address, "node.example:3007");
  EXPECT_EQ(node->files.authority, "ca.pem");
}

TEST(NodeLink, APartOfWhatANodeNeedsIsRefusedAndTheRestIsNamed) {
  NodeLink link = OfNode();
  link.clients.clear();
  link.key.clear();
  EXPECT_THAT(Refusal(RemoteAccessOf(link)), HasSubstr("without --node-key, --node-clients"));
  NodeLink only_address;
  only_address.listen = "[::]:3007";
  EXPECT_THAT(Refusal(RemoteAccessOf(only_address)), HasSubstr("--node-listen without"));
  NodeLink only_clients;
  only_clients.clients = {"web"};
  EXPECT_THAT(Refusal(RemoteAccessOf(only_clients)), HasSubstr("--node-clients without"));
}

TEST(NodeLink, APartOfWhatAServerNeedsIsRefusedAndTheRestIsNamed) {
  NodeLink link = OfServer();
  link.authority.clear();
  EXPECT_THAT(Refusal(RemoteNodeOf(link)), HasSubstr("without --node-ca"));
  link = OfServer();
  link.node.clear();
  EXPECT_THAT(Refusal(RemoteNodeOf(link)), HasSubstr("without --node:"));
}

TEST(NodeLink, AnAddressNeedsAHostAndAPort) {
  NodeLink link;
  config::OptionSet set(config::Process::kBoth);
  DeclareNodeLink(set, link);
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
