#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "aio/testing/run_on.h"
#include "rpc/handover.h"
#include "rpc/node_client.h"
#include "rpc/node_service.h"
#include "rpc/status.h"
#include "sandbox/testing/driver_contract.h"
#include "sandbox/testing/fake_driver.h"

namespace paddock::sandbox::testing {
namespace {

// A client and a service around a fake, in one process and on one loop.
class RemoteHost final : public DriverHost {
 public:
  RemoteHost() {
    std::string pattern = "/tmp/paddock-rpc-XXXXXX";
    directory_ = mkdtemp(pattern.data());
    Serve();
    client_.emplace(loop_.get_executor(), directory_);
  }
  ~RemoteHost() override {
    client_.reset();
    StopServing();
    std::filesystem::remove_all(directory_);
  }
  RemoteHost(const RemoteHost&) = delete;
  RemoteHost& operator=(const RemoteHost&) = delete;

  boost::asio::io_context& loop() override { return loop_; }
  Driver& driver() override { return *client_; }
  std::string image() override { return "base"; }
  void Restart() override {
    StopServing();
    Serve();
  }
  FakeDriver& fake() { return fake_; }

  [[nodiscard]] sockaddr_un handover_address() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (directory_ + "/connect.sock").copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
  }

  void Serve() {
    service_.emplace(loop_.get_executor(), fake_);
    handover_.emplace(loop_.get_executor(), fake_, getuid());
    auto listening = service_->Listen(directory_ + "/node.sock", getgid());
    EXPECT_TRUE(listening) << listening.error().message;
    auto handing = handover_->Listen(directory_ + "/connect.sock", getgid());
    EXPECT_TRUE(handing) << handing.error().message;
  }
  void StopServing() {
    auto stop = [](rpc::NodeService& service, rpc::HandoverService& handover) -> aio::Task<bool> {
      co_await service.Shutdown();
      co_await handover.Shutdown();
      co_return true;
    };
    aio::testing::RunUntilDone(loop_, stop(*service_, *handover_));
    service_.reset();
    handover_.reset();
  }

 private:
  std::string directory_;
  boost::asio::io_context loop_;
  FakeDriver fake_;
  std::optional<rpc::NodeService> service_;
  std::optional<rpc::HandoverService> handover_;
  std::optional<rpc::NodeClient> client_;
};

const DriverUnderTest kRemote{.name = "Remote",
                              .make = [] { return std::make_unique<RemoteHost>(); }};

INSTANTIATE_TEST_SUITE_P(Drivers,
                         DriverContract,
                         ::testing::Values(kRemote),
                         [](const auto& parameter) { return parameter.param.name; });

Deadline Soon() { return Deadline::After(std::chrono::seconds(10)); }

TEST(NodeClientTest, FindsANodeThatHasRestarted) {
  RemoteHost host;
  auto before = aio::testing::RunUntilDone(host.loop(), host.driver().List(Soon()));
  ASSERT_TRUE(before) << before.error().message;
  host.Restart();
  auto after = aio::testing::RunUntilDone(host.loop(), host.driver().List(Soon()));
  EXPECT_TRUE(after) << after.error().message;
}

TEST(NodeClientTest, ANodeThatIsNotThereIsUnavailable) {
  RemoteHost host;
  host.StopServing();
  auto listed = aio::testing::RunUntilDone(host.loop(), host.driver().List(Soon()));
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().code, Code::kUnavailable);
  host.Serve();
}

aio::Task<bool> HangUpDuringCreate(RemoteHost& host, Spec spec) {
  auto create = [](Driver& driver, Spec what) -> aio::Task<void> {
    [[maybe_unused]] auto created = co_await driver.Create(std::move(what), Soon());
  };
  aio::TaskScope caller(host.loop().get_executor());
  caller.Spawn(create(host.driver(), std::move(spec)));
  while (host.fake().create_count == 0) {
    co_await boost::asio::post(host.loop(), boost::asio::use_awaitable);
  }
  caller.Cancel();
  co_await caller.Join();
  co_return true;
}

TEST(NodeServiceTest, ASandboxWhoseCreatorHasHungUpIsNotMade) {
  RemoteHost host;
  host.fake().is_blocked = true;
  const Spec spec{
      .id = NewId<SandboxId>(), .owner = NewId<UserId>(), .image = "base", .limits = {}, .env = {}};
  aio::testing::RunUntilDone(host.loop(), HangUpDuringCreate(host, spec));
  host.loop().restart();
  host.loop().run_for(std::chrono::milliseconds(300));  // the news needs a moment
  host.fake().Unblock();
  host.loop().restart();
  host.loop().run_for(std::chrono::milliseconds(100));
  EXPECT_TRUE(host.fake().machines.empty());
}

TEST(HandoverTest, ANodeThatWasOutOfDescriptorsListensOn) {
  RemoteHost host;
  const Spec spec{
      .id = NewId<SandboxId>(), .owner = NewId<UserId>(), .image = "base", .limits = {}, .env = {}};
  ASSERT_TRUE(aio::testing::RunUntilDone(host.loop(), host.driver().Create(spec, Soon())));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  // A knock on the door while there is no descriptor for it.
  const int knocking = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const sockaddr_un address = host.handover_address();
  // NOLINTNEXTLINE: the C interface
  ASSERT_EQ(connect(knocking, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  rlimit none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  host.loop().restart();
  host.loop().run_for(std::chrono::milliseconds(50));
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  close(knocking);
  auto stream = aio::testing::RunUntilDone(host.loop(), host.driver().Connect(spec.id, Soon()));
  EXPECT_TRUE(stream) << stream.error().message;
}

TEST(NodeClientTest, AStreamThatWasHandedOverReachesTheAgent) {
  RemoteHost host;
  const Spec spec{
      .id = NewId<SandboxId>(), .owner = NewId<UserId>(), .image = "base", .limits = {}, .env = {}};
  ASSERT_TRUE(aio::testing::RunUntilDone(host.loop(), host.driver().Create(spec, Soon())));
  auto stream = aio::testing::RunUntilDone(host.loop(), host.driver().Connect(spec.id, Soon()));
  ASSERT_TRUE(stream) << stream.error().message;
  ASSERT_EQ(host.fake().agent_ends.size(), 1U);
  ASSERT_EQ(write(stream->get(), "ping", 4), 4);
  char text[8] = {};
  EXPECT_EQ(read(host.fake().agent_ends[0].get(), text, sizeof text), 4);
  EXPECT_STREQ(text, "ping");
}

TEST(StatusTest, EveryCodeSurvivesTheWayThere) {
  for (int code = 0; code <= static_cast<int>(kLastCode); ++code) {
    const Error error{.code = static_cast<Code>(code), .message = "why"};
    const Error back = rpc::FromStatus(rpc::ToStatus(error));
    EXPECT_EQ(back.code, error.code);
    EXPECT_EQ(back.message, "why");
    EXPECT_EQ(back.reason(), "why");
  }
}

TEST(StatusTest, TheReasonIsToldFromItsContextOnBothSides) {
  const Error error = Error{.code = Code::kNotFound, .message = "no image"}.With("create sandbox");
  const Error back = rpc::FromStatus(rpc::ToStatus(error)).With("node");
  EXPECT_EQ(back.message, "node: create sandbox: no image");
  EXPECT_EQ(back.reason(), "no image");
}

TEST(StatusTest, ADetailThatIsNoLengthOfContextCutsNothingOff) {
  for (const char* detail : {"x", "-3", "", " 4", "8", "99999", "99999999999999999999999"}) {
    const grpc::Status status(grpc::StatusCode::NOT_FOUND, "no image", detail);
    EXPECT_EQ(rpc::FromStatus(status).reason(), "no image") << detail;
  }
}

}  // namespace
}  // namespace paddock::sandbox::testing
