// What ends a statement or a session that takes too much: time, silence, the disk.
#include <signal.h>
#include <sys/resource.h>

#include <chrono>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sqlrunner/testing/conversation_fixture.h"

namespace paddock::sqlrunner {
namespace {

using ::testing::HasSubstr;

ConversationConfig With(std::chrono::seconds idle_max, std::chrono::seconds statement_max) {
  ConversationConfig config;
  config.idle_max = idle_max;
  config.times.statement_max = statement_max;
  return config;
}

constexpr std::chrono::seconds kLong{1800};
constexpr std::chrono::seconds kShort{1};

class StatementTimeTest : public testing::ConversationFixture {
 protected:
  StatementTimeTest() : ConversationFixture(With(kLong, kShort)) {}
};

TEST_F(StatementTimeTest, AStatementThatTakesTooLongIsStoppedAndSaidSo) {
  Open();
  Send(R"({"type":"execute","id":2,"text":"wait; rows 1"})");
  EXPECT_EQ(NextType(), "statement");
  const auto error = Next();
  EXPECT_EQ(error.at("code").as_string(), "57014");
  EXPECT_THAT(std::string(error.at("message").as_string()), HasSubstr("longer than 1 s"));
  EXPECT_EQ(NextText(),
            R"({"type":"done","id":2,"transaction":"none","cancelled":false,"truncated":"time"})");
  Send(R"({"type":"execute","id":3,"text":"rows 1"})");
  EXPECT_EQ(NextType(), "statement");
  EXPECT_EQ(NextType(), "columns");
}

TEST_F(StatementTimeTest, TheTimeInWhichRowsWaitForCreditCounts) {
  Open();
  Send(R"({"type":"execute","id":2,"text":"rows 5000"})");
  EXPECT_EQ(NextType(), "statement");
  EXPECT_EQ(NextType(), "columns");
  EXPECT_EQ(NextType(), "rows");
  EXPECT_EQ(Next().at("code").as_string(), "57014");
  EXPECT_EQ(Next().at("truncated").as_string(), "time");
}

class IdleTest : public testing::ConversationFixture {
 protected:
  IdleTest() : ConversationFixture(With(kShort, 3 * kShort)) {}
};

TEST_F(IdleTest, ASessionInWhichNothingHappensEnds) {
  Open();
  const auto closed = Next();
  EXPECT_EQ(closed.at("type").as_string(), "closed");
  EXPECT_EQ(closed.at("reason").as_string(), "idle");
  EXPECT_EQ(NextText(), R"({"type":"end","code":"4000"})");
}

TEST_F(IdleTest, AStatementThatRunsIsNotIdle) {
  Open();
  Send(R"({"type":"execute","id":2,"text":"wait"})");
  EXPECT_EQ(NextType(), "statement");
  EXPECT_EQ(NextType(), "error") << "after three times as long as a session may be idle";
  EXPECT_EQ(NextType(), "done");
  EXPECT_EQ(Next().at("reason").as_string(), "idle");
}

/// No file of this process grows beyond `bytes`, as on a disk that is full; without a signal.
class SmallFiles {
 public:
  explicit SmallFiles(rlim_t bytes) {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
  }
  SmallFiles(const SmallFiles&) = delete;
  SmallFiles& operator=(const SmallFiles&) = delete;
  ~SmallFiles() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

using FullDiskTest = testing::ConversationFixture;

TEST_F(FullDiskTest, AStatementWhoseRowsFindNoRoomFailsAloneAndWhatIsStoredStays) {
  Open();
  const auto stored = Store("rows 100");
  {
    const SmallFiles small(rlim_t{64} * 1024);
    Send(R"({"type":"execute","id":2,"text":"rows 100000","store":true})");
    EXPECT_EQ(NextType(), "statement");
    EXPECT_EQ(NextType(), "columns");
    boost::json::object message = Next();
    while (message.at("type").as_string() == "progress") {
      message = Next();
    }
    ASSERT_EQ(message.at("type").as_string(), "error");
    EXPECT_THAT(std::string(message.at("message").as_string()), HasSubstr("full"));
    EXPECT_EQ(NextType(), "done");
  }
  Send(fmt::format(R"({{"type":"view","id":3,"result":{},"offset":99,"limit":9}})", stored));
  EXPECT_EQ(Next().at("total").to_number<int>(), 100);
  const auto again = Store("rows 100000");
  Send(fmt::format(R"({{"type":"view","id":4,"result":{},"offset":99999,"limit":9}})", again));
  EXPECT_EQ(Next().at("total").to_number<int>(), 100'000);
}

}  // namespace
}  // namespace paddock::sqlrunner
