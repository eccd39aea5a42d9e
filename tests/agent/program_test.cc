// Helper programs that a forward starts, through AgentClient in the real agent.

#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "agent_test.h"

namespace paddock::sandbox {
namespace {

namespace fs = std::filesystem;

class ProgramTest : public AgentTest {
 protected:
  // A child of the agent that runs the helper, or 0.
  [[nodiscard]] pid_t HelperPid() const {
    const auto children =
        "/proc/" + std::to_string(agent_.pid()) + "/task/" + std::to_string(agent_.pid());
    std::ifstream list(children + "/children");
    for (pid_t pid = 0; list >> pid;) {
      const pid_t found = HelperAt(pid);
      if (found != 0) {
        return found;
      }
    }
    return 0;
  }
  // Without cgroups a shepherd stands between.
  [[nodiscard]] static pid_t HelperAt(pid_t pid) {
    std::error_code ignored;
    const auto process = "/proc/" + std::to_string(pid);
    if (fs::read_symlink(process + "/exe", ignored).filename() == "paddock-sqlite") {
      return pid;
    }
    std::ifstream list(process + "/task/" + std::to_string(pid) + "/children");
    for (pid_t child = 0; list >> child;) {
      if (const pid_t found = HelperAt(child); found != 0) {
        return found;
      }
    }
    return 0;
  }
  // The first bytes that the helper says, while the loop moves them.
  std::string Read(const UniqueFd& stream, std::size_t size) {
    std::string received(size, '\0');
    std::size_t count = 0;
    while (count < size) {
      (void)Wait(client_->Stats(Soon()));
      const auto got = recv(stream.get(), received.data() + count, size - count, MSG_DONTWAIT);
      if (got == 0) {
        break;
      }
      count += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    received.resize(count);
    return received;
  }
};

// OPEN of ":memory:", as docs/protocol/sql-helper.md has it.
const std::string kOpen("\0\0\0\x0d\x01\0\1\0\0\x08:memory:", 18);

TEST_F(ProgramTest, AHelperIsStartedForAStreamAndEndsWithIt) {
  auto stream = Wait(client_->Forward("program:sqlite", Soon()));
  ASSERT_TRUE(stream) << stream.error().message;
  ASSERT_EQ(write(stream->get(), kOpen.data(), kOpen.size()), static_cast<ssize_t>(kOpen.size()));
  EXPECT_EQ(Read(*stream, 5).substr(4), "\x81");  // OPENED
  const pid_t pid = HelperPid();
  ASSERT_NE(pid, 0);
  stream->Reset();
  (void)Wait(client_->Stats(Soon()));
  EXPECT_TRUE(IsGone(pid));
  EXPECT_TRUE(client_->is_open());
}

TEST_F(ProgramTest, TheStreamEndsWhenTheHelperDoes) {
  auto stream = Wait(client_->Forward("program:sqlite", Soon()));
  ASSERT_TRUE(stream) << stream.error().message;
  ASSERT_EQ(write(stream->get(), "no such protocol", 16), 16);
  EXPECT_EQ(Read(*stream, 1), "");
}

TEST_F(ProgramTest, AHelperEndsWithTheConnectionThatAskedForIt) {
  auto stream = Wait(client_->Forward("program:sqlite", Soon()));
  ASSERT_TRUE(stream) << stream.error().message;
  const pid_t pid = HelperPid();
  ASSERT_NE(pid, 0);
  stream->Reset();
  client_ = Open();
  EXPECT_TRUE(IsGone(pid));
}

TEST_F(ProgramTest, EveryStreamHasAHelperOfItsOwn) {
  auto first = Wait(client_->Forward("program:sqlite", Soon()));
  auto second = Wait(client_->Forward("program:sqlite", Soon()));
  ASSERT_TRUE(first && second);
  first->Reset();
  ASSERT_EQ(write(second->get(), kOpen.data(), kOpen.size()), static_cast<ssize_t>(kOpen.size()));
  EXPECT_EQ(Read(*second, 5).substr(4), "\x81");
}

TEST_F(ProgramTest, OtherProgramsAreNone) {
  for (const std::string target :
       {"program:", "program:sh", "program:/bin/sh", "program:sqlite2"}) {
    const auto refused = Wait(client_->Forward(target, Soon()));
    ASSERT_FALSE(refused) << target;
    EXPECT_EQ(refused.error().code, Code::kInvalid);
  }
}

TEST_F(ProgramTest, AnAgentWithoutTheHelperSaysWhatToDo) {
  fs::copy_file(PADDOCK_AGENT, Path("lonely-agent"));
  const RealAgent lonely(Path("lonely-agent"));
  auto client = Wait(AgentClient::Open(loop_.get_executor(), lonely.Connect(), Soon()));
  ASSERT_TRUE(client);
  const auto missing = Wait((*client)->Forward("program:sqlite", Soon()));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::kNotFound);
  EXPECT_NE(missing.error().message.find("start it again"), std::string::npos);
}

}  // namespace
}  // namespace paddock::sandbox
