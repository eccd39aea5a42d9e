// Who may speak to a node over TCP, and to which node a server speaks: with real certificates and
// real sockets.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "node.grpc.pb.h"
#include "rpc/credentials.h"
#include "rpc/testing/remote_host.h"
#include "sandbox/testing/driver_contract.h"

namespace paddock::sandbox::testing {
namespace {

const DriverUnderTest kOverTls{.name = "OverTls",
                               .make = [] { return std::make_unique<rpc::testing::RemoteHost>(); }};

INSTANTIATE_TEST_SUITE_P(Drivers,
                         DriverContract,
                         ::testing::Values(kOverTls),
                         [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace paddock::sandbox::testing

namespace paddock::rpc {
namespace {

using ::testing::HasSubstr;
using testing::RemoteHost;
namespace v1 = node::v1;

template <class T>
void ExpectCode(const Result<T>& result, Code code) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, code) << result.error().message;
}

/// What a program of another kind is answered, which uses gRPC without our client. The node's loop
/// need not run: whoever is refused never gets as far.
grpc::Status ListOver(const std::string& address,
                      const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  const auto stub = v1::Node::NewStub(grpc::CreateChannel(address, credentials));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  v1::SandboxList reply;
  return stub->List(&context, {}, &reply);
}

std::string ReadFile(const std::string& path) {
  std::string text(65'536, '\0');
  std::FILE* file = std::fopen(path.c_str(), "re");
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

/// What our own client is answered, without its patience for a node that restarts.
grpc::Status ListWith(const RemoteHost& host, const certs::TlsFiles& files) {
  return ListOver(host.address(),
                  CredentialsFor(certs::Identity{.description = {},
                                                 .certificate = ReadFile(files.certificate),
                                                 .key = ReadFile(files.key),
                                                 .authority = ReadFile(files.authority)}));
}

void ExpectNoConnection(const grpc::Status& status) {
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
}

TEST(RemoteNodeTest, AClientOfTheAuthorityThatIsNamedIsServed) {
  RemoteHost host;
  auto listed = host.ListAs(host.FilesOf("own", "web"));
  EXPECT_TRUE(listed) << listed.error().message;
}

TEST(RemoteNodeTest, AClientWithoutACertificateIsRefused) {
  RemoteHost host;
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = ReadFile(host.directory() / "own/ca.pem");
  ExpectNoConnection(ListOver(host.address(), grpc::SslCredentials(options)));
  EXPECT_EQ(host.fake().call_count, 0);
}

TEST(RemoteNodeTest, AClientOfAnotherAuthorityIsRefused) {
  RemoteHost host;
  ASSERT_TRUE(host.AuthorityOf("other").MakeClient("web", {}));
  auto files = host.FilesOf("other", "web");
  files.authority = host.FilesOf("own", "node").authority;  // it does trust the node
  ExpectNoConnection(ListWith(host, files));
  EXPECT_EQ(host.fake().call_count, 0);
}

TEST(RemoteNodeTest, AClientWhoseCertificateHasExpiredIsRefused) {
  RemoteHost host;
  const auto then = std::chrono::system_clock::now() - std::chrono::days(2);
  const auto files =
      host.MakeClient("web", {.valid = std::chrono::days(1), .force = true, .now = then});
  ExpectNoConnection(ListWith(host, files));
  EXPECT_EQ(host.fake().call_count, 0);
}

TEST(RemoteNodeTest, AClientWhoseCertificateIsNotYetValidIsRefused) {
  RemoteHost host;
  const auto later = std::chrono::system_clock::now() + std::chrono::days(2);
  const auto files = host.MakeClient("web", {.force = true, .now = later});
  ExpectNoConnection(ListWith(host, files));
}

TEST(RemoteNodeTest, AServersCertificateDoesNotMakeAClient) {
  RemoteHost host;
  ASSERT_TRUE(host.AuthorityOf("own").MakeServer("web", {"web"}, {.force = true}));
  ExpectNoConnection(ListWith(host, host.FilesOf("own", "web")));
  EXPECT_EQ(host.fake().call_count, 0);
}

TEST(RemoteNodeTest, AClientThatSpeaksPlainTextIsRefused) {
  RemoteHost host;
  ExpectNoConnection(ListOver(host.address(), grpc::InsecureChannelCredentials()));
  EXPECT_EQ(host.fake().call_count, 0);
}

TEST(RemoteNodeTest, APlainTextPrefaceIsAnsweredByNothingOfTheNode) {
  RemoteHost host;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(host.port()));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // NOLINTNEXTLINE: the C interface
  ASSERT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  constexpr std::string_view kPreface("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
  ASSERT_EQ(send(fd, kPreface.data(), kPreface.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(kPreface.size()));
  std::string answer(1024, '\0');
  const auto count = recv(fd, answer.data(), answer.size(), 0);  // at most an alert, then the end
  close(fd);
  answer.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  EXPECT_TRUE(answer.empty() || answer.front() == '\x15') << answer;
}

// Every method of the service, one by one: what is forgotten in the gate would be seen here.
TEST(RemoteNodeTest, AGoodCertificateThatIsNotAmongTheClientsMayCallNoMethod) {
  RemoteHost host;
  const auto id = host.MustCreate();
  const int calls_before = host.fake().call_count;
  const sandbox::Spec spec{
      .id = NewId<SandboxId>(), .owner = NewId<UserId>(), .image = "base", .limits = {}, .env = {}};
  NodeClient stranger(host.loop().get_executor(),
                      RemoteService{.address = host.address(), .files = host.MakeClient("bob")});
  const auto soon = RemoteHost::Soon();
  ExpectCode(host.Await(stranger.GetCapabilities(soon)), Code::kDenied);
  ExpectCode(host.Await(stranger.Create(spec, soon)), Code::kDenied);
  ExpectCode(host.Await(stranger.Connect(id, soon)), Code::kDenied);
  ExpectCode(host.Await(stranger.Stop(id, soon)), Code::kDenied);
  ExpectCode(host.Await(stranger.Start(id, soon)), Code::kDenied);
  ExpectCode(host.Await(stranger.Pause(id, soon)), Code::kDenied);
  ExpectCode(host.Await(stranger.Resume(id, soon)), Code::kDenied);
  ExpectCode(host.Await(stranger.Snapshot(id, "copy", soon)), Code::kDenied);
  ExpectCode(host.Await(stranger.Transfer(id, NewId<UserId>(), soon)), Code::kDenied);
  ExpectCode(host.Await(stranger.Stats(id, soon)), Code::kDenied);
  ExpectCode(host.Await(stranger.Logs(id, soon)), Code::kDenied);
  ExpectCode(host.Await(stranger.Destroy(id, soon)), Code::kDenied);
  ExpectCode(host.Await(stranger.List(soon)), Code::kDenied);
  constexpr int kAskedAbove = 13;
  EXPECT_EQ(v1::Sandbox::descriptor()->file()->service(0)->method_count(), kAskedAbove);
  EXPECT_EQ(host.fake().call_count, calls_before);
  EXPECT_TRUE(host.fake().agent_ends.empty());
}

TEST(RemoteNodeTest, ARefusedClientIsToldWhatToDo) {
  RemoteHost host;
  auto listed = host.ListAs(host.MakeClient("bob"));
  ASSERT_FALSE(listed);
  EXPECT_THAT(listed.error().message, HasSubstr("'bob'"));
  EXPECT_THAT(listed.error().message, HasSubstr("--node-clients"));
}

TEST(RemoteNodeTest, ANodeOfAnotherAuthorityIsNotSpokenTo) {
  RemoteHost host;
  auto files = host.FilesOf("own", "web");
  ASSERT_TRUE(host.AuthorityOf("other").MakeClient("web", {}));
  files.authority = host.FilesOf("other", "web").authority;
  ExpectNoConnection(ListWith(host, files));
  EXPECT_EQ(host.fake().call_count, 0);
}

TEST(RemoteNodeTest, ANodeWithTheCertificateOfAnotherHostIsNotSpokenTo) {
  RemoteHost host;
  host.StopServing();
  ASSERT_TRUE(host.AuthorityOf("own").MakeServer("node", {"node.example"}, {.force = true}));
  host.Serve();
  ExpectNoConnection(ListWith(host, host.FilesOf("own", "web")));
  EXPECT_EQ(host.fake().call_count, 0);
}

TEST(RemoteNodeTest, AServerThatIsRefusedLearnsWhatIsWrong) {
  RemoteHost host;
  ASSERT_TRUE(host.AuthorityOf("other").MakeClient("web", {}));
  auto listed = host.ListAs(host.FilesOf("other", "web"));
  ExpectCode(listed, Code::kUnavailable);
  EXPECT_THAT(listed.error().message, HasSubstr("handshake"));
}

TEST(RemoteNodeTest, AServerWithFilesThatItCannotUseDoesNotDial) {
  RemoteHost host;
  auto files = host.FilesOf("own", "web");
  files.key = host.FilesOf("own", "node").key;
  auto listed = host.ListAs(files);
  ExpectCode(listed, Code::kUnavailable);
  EXPECT_THAT(listed.error().message, HasSubstr("no certificate"));
}

TEST(RemoteNodeTest, ANodeIsKnownByItsAddressToo) {
  RemoteHost host;
  auto listed = host.ListAs(host.FilesOf("own", "web"), "127.0.0.1");
  EXPECT_TRUE(listed) << listed.error().message;
}

TEST(RemoteNodeTest, ANodeDoesNotListenWithFilesThatLetNobodyIn) {
  RemoteHost host;
  NodeService second(host.loop().get_executor(), host.fake());
  const RemoteAccess access{.address = "127.0.0.1:0",
                            .files = host.FilesOf("own", "web"),  // a client's
                            .clients = {"web"}};
  auto listening = second.Listen(host.directory() / "second.sock", getgid(), access);
  ASSERT_FALSE(listening);
  EXPECT_EQ(listening.error().code, Code::kInvalid);
  EXPECT_THAT(listening.error().message, HasSubstr("web.pem"));
}

TEST(RemoteNodeTest, APortThatIsTakenIsNotShared) {
  RemoteHost host;
  NodeService second(host.loop().get_executor(), host.fake());
  const RemoteAccess access{.address = "127.0.0.1:" + std::to_string(host.port()),
                            .files = host.FilesOf("own", "node"),
                            .clients = {"web"}};
  auto listening = second.Listen(host.directory() / "second.sock", getgid(), access);
  ASSERT_FALSE(listening);
  EXPECT_EQ(listening.error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace paddock::rpc
