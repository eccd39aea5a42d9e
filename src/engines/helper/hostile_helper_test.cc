// What the engine makes of a helper that does not keep to the protocol.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "aio/testing/run_on.h"
#include "engines/helper/sqlite_engine.h"
#include "sql/testing/breakable_dialer.h"
#include "sql/testing/recording_sink.h"
#include "sqlite_helper/protocol/messages.h"

namespace paddock::engines::helper {
namespace {

using sql::testing::RecordingSink;
using sql::testing::ScriptedDialer;

class HostileHelperTest : public ::testing::Test {
 protected:
  static Deadline Soon() { return Deadline::After(std::chrono::seconds(30)); }

  static std::string Opened() {
    std::string frames;
    sqlite_helper::AppendOpened(frames, "3.40.1");
    return frames;
  }
  static std::string Rows(std::size_t count, std::size_t columns = 1) {
    sql::Rows rows(columns);
    for (std::size_t i = 0; i < count * columns; ++i) {
      rows.AddNull();
    }
    std::string frames;
    sqlite_helper::AppendRows(frames, rows);
    return frames;
  }
  static std::string Columns(std::size_t count = 1) {
    std::string frames;
    sqlite_helper::AppendColumns(frames, std::vector<sql::Column>(count));
    return frames;
  }
  static std::string Complete() {
    std::string frames;
    sqlite_helper::AppendComplete(frames, {});
    return frames;
  }

  Result<std::unique_ptr<sql::Session>> Open(std::string says, sql::OpenSpec spec = {}) {
    dialer_ = std::make_shared<ScriptedDialer>(std::move(says), true);
    return aio::testing::RunUntilDone(
        loop_, engine_.Open(loop_.get_executor(), std::move(spec), dialer_, Soon()));
  }
  // How a statement ends when the helper says `answer`, which it has said already.
  Result<sql::StatementOutcome> Execute(const std::string& answer) {
    auto session = Open(Opened() + answer);
    EXPECT_TRUE(session) << session.error().message;
    sink_ = {};
    auto outcome =
        aio::testing::RunUntilDone(loop_, (*session)->Execute("SELECT 1", sink_, Soon()));
    EXPECT_EQ((*session)->is_open(), outcome.has_value());
    return outcome;
  }

  boost::asio::io_context loop_;
  SqliteEngine engine_;
  std::shared_ptr<ScriptedDialer> dialer_;
  RecordingSink sink_;
};

TEST_F(HostileHelperTest, AnAnswerThatIsWholeIsTaken) {
  EXPECT_TRUE(Execute(Columns(2) + Rows(3, 2) + Rows(1, 2) + Complete()));
  ASSERT_EQ(sink_.results.size(), 1U);
  EXPECT_EQ(sink_.results.front().row_count, 4U);
  EXPECT_EQ(sink_.results.front().command.tag, "SELECT 4");
}

TEST_F(HostileHelperTest, FramesOutOfPlaceEndTheSession) {
  for (const std::string& answer :
       {Rows(1) + Complete(), Columns() + Columns() + Complete(), Columns(2) + Rows(3, 1),
        Columns() + Rows(sql::kBatchRowsMax + 1) + Complete(), Opened() + Complete(),
        std::string("\0\0\0\1\x02x", 6), std::string("garbage, and no frame at all")}) {
    const auto outcome = Execute(answer);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, Code::kUnavailable);
  }
}

TEST_F(HostileHelperTest, AnEndInTheMiddleEndsTheSession) {
  for (const std::string& answer :
       {std::string(), Columns(), Columns() + Rows(1), Complete().substr(0, 7)}) {
    const auto outcome = Execute(answer);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, Code::kUnavailable);
  }
}

TEST_F(HostileHelperTest, WhatSqliteSaysAgainstOpeningIsPassedOn) {
  const std::vector<std::pair<std::string, Code>> cases{{"SQLITE_CANTOPEN", Code::kNotFound},
                                                        {"SQLITE_NOTADB", Code::kInvalid},
                                                        {"SQLITE_PERM", Code::kDenied},
                                                        {"SQLITE_BUSY", Code::kUnavailable}};
  for (const auto& [status, code] : cases) {
    std::string frames;
    sqlite_helper::AppendRefused(frames, {.code = status, .message = "so it is"});
    const auto opened = Open(frames);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, code);
    EXPECT_EQ(opened.error().message, "/root/playground.db: so it is");
  }
}

TEST_F(HostileHelperTest, OnlyAbsolutePathsAndMemoryAreAskedFor) {
  const std::string zero("/a\0b", 4);
  for (const std::string& path : {std::string("a.db"), std::string("../a"), zero,
                                  "/" + std::string(5'000, 'a'), std::string(":other:")}) {
    const auto opened = Open(Opened(), {.database = path});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::kInvalid);
  }
  EXPECT_TRUE(Open(Opened(), {.database = ":memory:"}));
}

}  // namespace
}  // namespace paddock::engines::helper
