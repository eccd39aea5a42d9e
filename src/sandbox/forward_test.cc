// How the manager makes forwards: on a connection of their own, or relayed.

#include <array>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "protocol/control.h"
#include "sandbox/testing/fake_agent.h"
#include "sandbox/testing/manager_fixture.h"

namespace paddock::sandbox {
namespace {

using testing::Keep;
using testing::ManagerTest;
using testing::Soon;

class ManagerForwardTest : public ManagerTest {
 protected:
  ManagerForwardTest() {
    StartManager();
    id_ = Create(ann_)->id;
  }

  void Begin(std::string target) {
    scope_.Spawn(Keep(manager_->Forward(agent_, id_, std::move(target), Soon()), forward_));
    Settle();
  }

  void AwaitForward() {
    while (!forward_) {
      loop_.restart();
      loop_.run_one();
    }
  }

  SandboxId id_ = NewId<SandboxId>();
  std::optional<Result<UniqueFd>> forward_;
};

TEST_F(ManagerForwardTest, AnAgentThatCannotIsAskedToRelay) {
  Begin("tcp:5432");
  AwaitForward();
  EXPECT_EQ(agent_->forwards, std::vector<std::string>{"tcp:5432"});
  EXPECT_TRUE(driver_.agent_ends.empty());
}

TEST_F(ManagerForwardTest, AnAgentThatCanGivesAConnectionOfItsOwn) {
  agent_->direct = true;
  Begin("tcp:5432");
  ASSERT_EQ(driver_.agent_ends.size(), 1U);
  if (!driver_.can_be_direct) {
    GTEST_SKIP() << "needs Linux 6.16";
  }
  std::string answer;
  protocol::AppendHello(answer, {.software = "by hand"});
  protocol::AppendEmpty(answer, 1, protocol::FrameType::kReady);
  const int agent = driver_.agent_ends.front().get();
  ASSERT_EQ(send(agent, answer.data(), answer.size(), 0), static_cast<ssize_t>(answer.size()));
  AwaitForward();
  ASSERT_TRUE(*forward_) << forward_->error().message;
  EXPECT_TRUE(agent_->forwards.empty());
  ASSERT_EQ(send(agent, "stream", 6, 0), 6);
  std::array<char, 8> bytes{};
  EXPECT_EQ(recv((*forward_)->get(), bytes.data(), bytes.size(), 0), 6);
}

TEST_F(ManagerForwardTest, AnAgentThatHasNoPlaceForItRelays) {
  agent_->direct = true;
  Begin("tcp:5432");
  ASSERT_EQ(driver_.agent_ends.size(), 1U);
  driver_.agent_ends.clear();
  AwaitForward();
  EXPECT_EQ(agent_->forwards, std::vector<std::string>{"tcp:5432"});
}

TEST_F(ManagerForwardTest, AProgramsStreamIsRelayed) {
  agent_->direct = true;
  Begin("program:sqlite");
  AwaitForward();
  EXPECT_EQ(agent_->forwards, std::vector<std::string>{"program:sqlite"});
  EXPECT_TRUE(driver_.agent_ends.empty());
}

}  // namespace
}  // namespace paddock::sandbox
