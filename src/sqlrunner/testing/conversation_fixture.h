// ConversationFixture: the server's side of one conversation with a ScriptedEngine.
//
// Threading: the test's thread, which drives the loop step by step.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "aio/testing/run_on.h"
#include "sqlrunner/conversation.h"
#include "sqlrunner/link_channel.h"
#include "sqlrunner/testing/scripted_engine.h"

namespace paddock::sqlrunner::testing {

class ConversationFixture : public ::testing::Test {
 public:
  ~ConversationFixture() override {
    server_->Close();
    while (scope_.running_count() > 0) {
      loop_.restart();
      loop_.run_one();
    }
    pool_.join();
  }
  ConversationFixture(const ConversationFixture&) = delete;
  ConversationFixture& operator=(const ConversationFixture&) = delete;
  ConversationFixture(ConversationFixture&&) = delete;
  ConversationFixture& operator=(ConversationFixture&&) = delete;

 protected:
  explicit ConversationFixture(ConversationConfig config = {}) {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
    server_ = std::make_unique<FramedSocket>(loop_.get_executor(), UniqueFd(ends[0]));
    auto channel = std::make_unique<LinkChannel>(loop_.get_executor(), UniqueFd(ends[1]));
    config.spill_directory = ::testing::TempDir();
    const ConversationParts parts{.engines = engines_, .pool = pool_, .budget = budget_};
    conversation_ = std::make_unique<Conversation>(loop_.get_executor(), std::move(config), parts,
                                                   std::move(channel));
    scope_.Spawn(conversation_->Run());
  }

  void Send(const std::string& text) {
    auto sent = aio::testing::RunUntilDone(loop_, server_->Send(FrameKind::kText, text));
    EXPECT_TRUE(sent);
  }

  /// The next message to the client. Dials are answered on the way.
  boost::json::object Next() {
    for (;;) {
      auto frame = aio::testing::RunUntilDone(loop_, server_->Receive());
      if (!frame) {
        ADD_FAILURE() << frame.error().message;
        return {};
      }
      if (frame->kind == FrameKind::kText) {
        return boost::json::parse(frame->payload).as_object();
      }
      if (frame->kind == FrameKind::kEnd) {
        return {{"type", "end"}, {"code", frame->payload}};
      }
      if (frame->kind == FrameKind::kDial) {
        AnswerDial(frame->payload);
      }
    }
  }

  std::string NextText() { return boost::json::serialize(Next()); }
  std::string NextType() {
    const auto message = Next();
    return message.contains("type") ? std::string(message.at("type").as_string()) : "";
  }

  void Open() {
    Send(R"({"type":"open","id":1,"sandbox":"s1","engine":"postgres"})");
    EXPECT_EQ(NextType(), "opened");
  }

  /// Runs `text` as a stored result to its end, and gives the number of the last result.
  std::uint64_t Store(const std::string& text) {
    Send(fmt::format(R"({{"type":"execute","id":50,"text":"{}","store":true}})", text));
    std::uint64_t result = 0;
    for (;;) {
      const auto message = Next();
      const auto type = message.at("type").as_string();
      if (type == "columns") {
        result = message.at("result").to_number<std::uint64_t>();
      }
      if (type == "done" || type == "closed") {
        return result;
      }
    }
  }

  std::optional<Error> refusal_;

 private:
  void AnswerDial(const std::string& payload) {
    const auto request = DecodeDialRequest(payload);
    ASSERT_TRUE(request);
    const DialAnswer answer{.number = request->number, .refusal = refusal_, .address = {}};
    std::array<int, 2> ends{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    const UniqueFd near(ends[0]);
    const UniqueFd far(ends[1]);
    const auto kind = refusal_ ? FrameKind::kRefused : FrameKind::kDialled;
    const std::string text = EncodeDialAnswer(answer);
    auto sent =
        aio::testing::RunUntilDone(loop_, server_->Send(kind, text, refusal_ ? -1 : far.get()));
    EXPECT_TRUE(sent);
  }

  boost::asio::io_context loop_;
  boost::asio::thread_pool pool_{1};
  SpillBudget budget_;
  ScriptedEngine engine_;
  Engines engines_{{sql::Dialect::kPostgres, &engine_}};
  std::unique_ptr<FramedSocket> server_;
  std::unique_ptr<Conversation> conversation_;
  aio::TaskScope scope_{loop_.get_executor()};
};

}  // namespace paddock::sqlrunner::testing
