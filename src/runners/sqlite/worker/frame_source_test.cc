#include "runners/sqlite/worker/frame_source.h"

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <gtest/gtest.h>

#include "base/unique_fd.h"
#include "runners/sqlite/protocol/messages.h"

namespace paddock::runners::sqlite {
namespace {

class FrameSourceTest : public ::testing::Test {
 protected:
  FrameSourceTest() {
    std::array<int, 2> pair{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
    pool_ = UniqueFd(pair[0]);
    worker_ = UniqueFd(pair[1]);
  }
  void Send(std::string_view bytes) {
    EXPECT_EQ(send(pool_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  static std::string Run(std::uint32_t serial) {
    const challenges::RunRequest request{
        .schema = challenges::MakeSchema(sql::Dialect::kSqlite, "CREATE TABLE t (n)"),
        .query = "SELECT 1"};
    std::string frame;
    AppendRequest(frame, request, true, serial);
    return frame;
  }
  static std::string StopOf(std::uint32_t serial) {
    std::string frame;
    AppendStop(frame, serial);
    return frame;
  }
  /// The serial of the run that comes next.
  std::uint32_t NextSerial() {
    const auto frame = source().Next();
    const auto request = frame ? DecodeRequest(*frame) : std::nullopt;
    const auto* const run = request ? std::get_if<Request>(&*request) : nullptr;
    EXPECT_NE(run, nullptr);
    return run == nullptr ? 0 : run->serial;
  }
  FrameSource& source() {
    if (!source_) {
      source_.emplace(worker_.get());
    }
    return *source_;
  }

  UniqueFd pool_;
  UniqueFd worker_;
  std::optional<FrameSource> source_;
};

TEST_F(FrameSourceTest, FramesComeOneByOneHoweverTheyWereSent) {
  const std::string both = Run(1) + Run(2);
  Send(both.substr(0, both.size() - 3));
  EXPECT_EQ(NextSerial(), 1U);
  Send(both.substr(both.size() - 3));
  EXPECT_EQ(NextSerial(), 2U);
}

TEST_F(FrameSourceTest, ARunThatIsSentAheadIsNoStop) {
  Send(Run(1) + Run(2));
  EXPECT_EQ(NextSerial(), 1U);
  EXPECT_FALSE(source().HasStop(1));
  Send(Run(3));
  EXPECT_FALSE(source().HasStop(1));
  EXPECT_EQ(NextSerial(), 2U);
  EXPECT_EQ(NextSerial(), 3U);
}

TEST_F(FrameSourceTest, AStopIsFoundBehindTheRunsThatWereSentBeforeIt) {
  Send(Run(1) + Run(2));
  EXPECT_EQ(NextSerial(), 1U);
  Send(StopOf(1).substr(0, 6));
  EXPECT_FALSE(source().HasStop(1)) << "not yet whole";
  Send(StopOf(1).substr(6));
  EXPECT_TRUE(source().HasStop(1));
  EXPECT_TRUE(source().HasStop(1)) << "and stays";
  EXPECT_EQ(NextSerial(), 2U);
  EXPECT_FALSE(source().HasStop(2)) << "it was another's";
}

TEST_F(FrameSourceTest, TheRunThatIsWorkedOnStaysWhileMoreIsRead) {
  Send(Run(1));
  const auto frame = source().Next();
  ASSERT_TRUE(frame);
  const std::string before(*frame);
  for (std::uint32_t serial = 2; serial < 200; ++serial) {
    Send(Run(serial));
    EXPECT_FALSE(source().HasStop(1));
  }
  EXPECT_EQ(*frame, before);
}

TEST_F(FrameSourceTest, ThePoolsEndIsAStop) {
  Send(Run(1));
  EXPECT_EQ(NextSerial(), 1U);
  pool_.Reset();
  EXPECT_TRUE(source().HasStop(1));
  EXPECT_EQ(source().Next(), std::nullopt);
}

}  // namespace
}  // namespace paddock::runners::sqlite
