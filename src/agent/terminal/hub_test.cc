#include "agent/terminal/hub.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "agent/terminal/testing/simulated_client.h"
#include "agent/terminal/utf8.h"

namespace paddock::agent::terminal {
namespace {

using namespace std::chrono_literals;
using testing::SimulatedClient;
namespace wire = protocol::terminal;

class HubTest : public ::testing::Test {
 protected:
  void Print(std::string_view bytes) { hub_.OnOutput(bytes, now_); }

  /// What the PTY is given.
  std::string TakeInput() {
    std::string all;
    while (!hub_.input().empty()) {
      const std::string piece(hub_.input());
      all += piece;
      hub_.OnInputWritten(piece.size());
    }
    return all;
  }

  template <class Message>
  void Say(SimulatedClient& client, const Message& message) {
    std::string bytes;
    wire::Append(bytes, message);
    client.Send(bytes, now_);
  }

  Hub::TimePoint now_{1h};
  Hub hub_{WindowSize{}, 16'384};
};

TEST_F(HubTest, AViewerSeesWhatWasPrintedBeforeAndAfterItCame) {
  Print("before ");
  SimulatedClient client(hub_, {});
  client.Connect(now_);
  client.PumpAll(now_);
  Print("after");
  client.PumpAll(now_);
  EXPECT_EQ(client.received().shown, "before after");
  EXPECT_EQ(client.attached->live, 7U);
  EXPECT_TRUE(client.attached->owner);
}

TEST_F(HubTest, TypingReachesTheProgramOnceAlsoWhenItIsSentTwice) {
  SimulatedClient client(hub_, {});
  client.Connect(now_);
  client.PumpAll(now_);
  client.Type("echo hi\n", now_);
  Say(client, wire::Input{.sequence = 0, .bytes = "echo hi\nls\n"});
  EXPECT_EQ(TakeInput(), "echo hi\nls\n");
  client.PumpAll(now_);
  EXPECT_EQ(client.taken(), 11U);
}

TEST_F(HubTest, AGapInTheInputIsAnError) {
  SimulatedClient client(hub_, {});
  client.Connect(now_);
  client.PumpAll(now_);
  Say(client, wire::Input{.sequence = 5, .bytes = "x"});
  client.PumpAll(now_);
  EXPECT_EQ(client.failure, wire::Failure::kInputGap);
  EXPECT_TRUE(hub_.is_finished(client.viewer()));
  EXPECT_EQ(TakeInput(), "");
}

TEST_F(HubTest, OnlyAttachMayComeFirstAndItMayNotComeTwice) {
  SimulatedClient first(hub_, {});
  const ViewerId id = hub_.Open();
  hub_.OnMessage(id, "\x05", now_);
  EXPECT_TRUE(hub_.Next(id, kControlSizeMax).has_value());
  EXPECT_TRUE(hub_.is_finished(id));

  first.Connect(now_);
  first.PumpAll(now_);
  Say(first, wire::Attach{});
  first.PumpAll(now_);
  EXPECT_EQ(first.failure, wire::Failure::kProtocol);
}

TEST_F(HubTest, AViewerThatGrantsNothingStopsTheProgram) {
  SimulatedClient client(hub_, {.window = 100});
  client.credit = false;
  client.Connect(now_);
  EXPECT_GT(hub_.output_room(), 0U);
  Print(std::string(100, 'x'));
  client.PumpAll(now_);
  EXPECT_EQ(client.received().shown.size(), 100U);
  EXPECT_EQ(hub_.output_room(), 0U);
  Say(client, wire::Credit{.limit = 101});
  EXPECT_GT(hub_.output_room(), 0U);
  Say(client, wire::Credit{.limit = 50});
  EXPECT_GT(hub_.output_room(), 0U) << "a lower limit is ignored";
}

TEST_F(HubTest, AViewerWhoseConnectionTakesNothingStopsTheProgramWhateverItGranted) {
  SimulatedClient client(hub_, {.window = 1'000'000'000});
  client.Connect(now_);
  std::size_t printed = 0;
  while (const std::size_t room = hub_.output_room()) {
    Print(std::string(room, 'x'));
    printed += room;
  }
  EXPECT_EQ(printed, 8'192U);
  client.PumpAll(now_);
  EXPECT_EQ(client.received().shown.size(), printed);
  EXPECT_EQ(client.reset_count(), 0);
  EXPECT_GT(hub_.output_room(), 0U);
}

TEST_F(HubTest, ASlowViewerNeverStopsAFastOneAndStartsAfresh) {
  SimulatedClient slow(hub_, {.name = 's', .window = 1'000});
  SimulatedClient fast(hub_, {.name = 'f', .window = 1'000});
  slow.credit = false;
  slow.Connect(now_);
  fast.Connect(now_);
  slow.PumpAll(now_);
  std::string all;
  for (int round = 0; round < 100; ++round) {
    ASSERT_GT(hub_.output_room(), 0U);
    const std::string line =
        "\x1b[?25lline " + std::to_string(round) + std::string(400, '.') + "\r\n";
    Print(line);
    all += line;
    fast.PumpAll(now_);
    slow.PumpAll(now_);
  }
  EXPECT_EQ(fast.received().shown, all);
  EXPECT_EQ(slow.received().shown, all.substr(0, 1'000));
  EXPECT_EQ(slow.reset_count(), 0) << "it shows no sign of reading";
  slow.credit = true;
  Say(slow, wire::Credit{.limit = 2'000});
  slow.PumpAll(now_);
  EXPECT_EQ(slow.reset_count(), 1);
  EXPECT_EQ(slow.received().shown, all.substr(slow.received().start));
  EXPECT_EQ(slow.received().prelude, "\x1b[?25l");
  EXPECT_TRUE(slow.problems.empty());
}

TEST_F(HubTest, AProgramThatNobodyWatchesRunsOn) {
  for (int round = 0; round < 100; ++round) {
    ASSERT_GT(hub_.output_room(), 0U);
    Print(std::string(1'000, static_cast<char>('a' + round % 26)));
  }
  SimulatedClient client(hub_, {});
  client.Connect(now_);
  client.PumpAll(now_);
  EXPECT_EQ(client.reset_count(), 1);
  EXPECT_EQ(client.received().start, 100'000U - 16'384U);
  EXPECT_EQ(client.received().shown.size(), 16'384U);
}

TEST_F(HubTest, ForAWhileAProgramWaitsForTheViewerThatJustLeft) {
  SimulatedClient client(hub_, {});
  client.Connect(now_);
  client.PumpAll(now_);
  client.Cut(now_);
  std::string all;
  while (const std::size_t room = hub_.output_room()) {
    all += std::string(room, 'x');
    Print(std::string(room, 'x'));
    ASSERT_LE(all.size(), 16'384U);
  }
  ASSERT_EQ(hub_.wake_at(), now_ + kReconnectGrace);
  client.Connect(now_);
  client.PumpAll(now_);
  EXPECT_EQ(client.received().shown, all);
  EXPECT_EQ(client.reset_count(), 0);

  client.Cut(now_);
  Print(std::string(hub_.output_room(), 'y'));
  EXPECT_EQ(hub_.output_room(), 0U);
  now_ += kReconnectGrace;
  hub_.OnTimer(now_);
  EXPECT_GT(hub_.output_room(), 0U);
}

TEST_F(HubTest, ExitComesAfterTheLastByteAndOnlyThen) {
  SimulatedClient client(hub_, {.window = 10});
  client.credit = false;
  client.Connect(now_);
  Print("0123456789tail");
  hub_.OnExit({.by_signal = false, .value = 3});
  client.PumpAll(now_);
  EXPECT_FALSE(client.exit.has_value());
  client.credit = true;
  Say(client, wire::Credit{.limit = 100});
  client.PumpAll(now_);
  EXPECT_EQ(client.received().shown, "0123456789tail");
  ASSERT_TRUE(client.exit.has_value());
  EXPECT_EQ(client.exit->value, 3U);
  EXPECT_EQ(client.exit->offset, 14U);
  EXPECT_TRUE(hub_.is_finished(client.viewer()));

  SimulatedClient late(hub_, {.name = 'l'});
  late.Connect(now_);
  late.PumpAll(now_);
  EXPECT_TRUE(late.attached->exited);
  EXPECT_EQ(late.received().shown, "0123456789tail");
  EXPECT_TRUE(late.exit.has_value());
  EXPECT_TRUE(late.problems.empty());
}

TEST_F(HubTest, NoMessageEndsInsideACharacter) {
  const std::string text = "\xe4\xbd\xa0\xf0\x9f\x98\x80\xc3\xa9x";
  for (std::size_t size_max = kControlSizeMax; size_max < kControlSizeMax + 8; ++size_max) {
    Hub hub(WindowSize{}, 16'384);
    SimulatedClient client(hub, {.window = 1'000'000});
    client.Connect(now_);
    client.PumpAll(now_);
    client.message_size_max = size_max;
    std::string all;
    for (int round = 0; round < 600; ++round) {
      all += text;
    }
    for (std::size_t at = 0; at < all.size(); at += 7) {
      hub.OnOutput(std::string_view(all).substr(at, 7), now_);
      const std::size_t before = client.received().shown.size();
      if (at % 5 == 0) {
        client.PumpAll(now_);
        const std::string& shown = client.received().shown;
        EXPECT_TRUE(shown.size() == before || PartialCharacterSize(shown) == 0) << at;
      }
    }
    client.PumpAll(now_);
    EXPECT_EQ(client.received().shown, all);
  }
}

TEST_F(HubTest, ACharacterWhoseRestNeverComesIsSentAfterAWhile) {
  SimulatedClient client(hub_, {});
  client.Connect(now_);
  Print("ab\xe4");
  client.PumpAll(now_);
  EXPECT_EQ(client.received().shown, "ab");
  ASSERT_EQ(hub_.wake_at(), now_ + kPartialCharacterHold);
  now_ += kPartialCharacterHold;
  hub_.OnTimer(now_);
  client.PumpAll(now_);
  EXPECT_EQ(client.received().shown, "ab\xe4");
  EXPECT_FALSE(hub_.wake_at().has_value());
}

TEST_F(HubTest, OnlyTheOwnersSizeCounts) {
  SimulatedClient first(hub_, {.name = 'f', .size = {.column_count = 100, .row_count = 30}});
  first.Connect(now_);
  first.PumpAll(now_);
  EXPECT_EQ(hub_.TakeResize(), (WindowSize{.column_count = 100, .row_count = 30}));
  SimulatedClient second(hub_, {.name = 's', .size = {.column_count = 50, .row_count = 10}});
  second.Connect(now_);
  second.PumpAll(now_);
  EXPECT_FALSE(second.attached->owner);
  EXPECT_EQ(second.attached->column_count, 100);
  Say(second, wire::Resize{.column_count = 60, .row_count = 11});
  EXPECT_FALSE(hub_.TakeResize().has_value());

  Say(second, wire::Own{});
  EXPECT_EQ(hub_.TakeResize(), (WindowSize{.column_count = 60, .row_count = 11}));
  first.PumpAll(now_);
  second.PumpAll(now_);
  EXPECT_FALSE(first.size->owner);
  EXPECT_EQ(first.size->column_count, 60);
  EXPECT_TRUE(second.size->owner);

  second.Cut(now_);
  first.PumpAll(now_);
  EXPECT_TRUE(first.size->owner);
  EXPECT_EQ(hub_.TakeResize(), (WindowSize{.column_count = 100, .row_count = 30}));
}

TEST_F(HubTest, AWatcherNeitherTypesNorResizesNorOwns) {
  SimulatedClient watcher(
      hub_, {.name = 'w', .size = {.column_count = 9, .row_count = 9}, .own = true, .watch = true});
  watcher.Connect(now_);
  watcher.PumpAll(now_);
  watcher.Type("rm -rf /\n", now_);
  Say(watcher, wire::Resize{.column_count = 9, .row_count = 9});
  Say(watcher, wire::Own{});
  watcher.PumpAll(now_);
  EXPECT_EQ(TakeInput(), "");
  EXPECT_FALSE(hub_.TakeResize().has_value());
  EXPECT_FALSE(watcher.attached->owner);
  EXPECT_FALSE(watcher.failure.has_value());
}

TEST_F(HubTest, ATabThatReconnectsTakesThePlaceOfItsDeadConnection) {
  SimulatedClient dead(hub_, {.name = 'x'});
  dead.Connect(now_);
  dead.PumpAll(now_);
  SimulatedClient alive(hub_, {.name = 'x'});
  alive.Connect(now_);
  alive.PumpAll(now_);
  dead.PumpAll(now_);
  EXPECT_TRUE(alive.attached->owner);
  EXPECT_EQ(dead.failure, wire::Failure::kReplaced);
  EXPECT_EQ(hub_.viewer_count(), 1);
}

TEST_F(HubTest, TheSeventeenthViewerIsRefused) {
  std::deque<SimulatedClient> clients;
  for (int number = 0; number <= protocol::kViewerCountMax; ++number) {
    const auto name = static_cast<char>('a' + number);
    clients.emplace_back(hub_, SimulatedClient::Options{.name = name});
    clients.back().Connect(now_);
    clients.back().PumpAll(now_);
  }
  EXPECT_EQ(clients.back().failure, wire::Failure::kTooManyViewers);
  EXPECT_EQ(hub_.viewer_count(), protocol::kViewerCountMax);
}

TEST_F(HubTest, APasteThatTheProgramDoesNotReadStaysBounded) {
  SimulatedClient client(hub_, {});
  client.Connect(now_);
  client.PumpAll(now_);
  std::uint64_t sent = 0;
  while (hub_.wants_message(client.viewer())) {
    Say(client, wire::Input{.sequence = sent, .bytes = std::string(65'536, 'p')});
    sent += 65'536;
    ASSERT_LE(sent, 4 * kInputPendingMax);
  }
  EXPECT_GT(sent, kInputPendingMax) << "a client that keeps to the limit is always read";
  EXPECT_EQ(TakeInput().size(), sent);
  EXPECT_TRUE(hub_.wants_message(client.viewer()));
}

TEST_F(HubTest, PingsAreAnsweredAndBounded) {
  SimulatedClient client(hub_, {});
  client.Connect(now_);
  client.PumpAll(now_);
  for (std::uint64_t token = 0; hub_.wants_message(client.viewer()); ++token) {
    Say(client, wire::Ping{.token = token});
    ASSERT_LE(token, kPongCountMax);
  }
  client.PumpAll(now_);
  EXPECT_EQ(client.pongs.size(), kPongCountMax);
  EXPECT_EQ(client.pongs.back(), kPongCountMax - 1);
}

TEST_F(HubTest, AFullScreenProgramIsAskedToDrawAgainAfterAReset) {
  Print("\x1b[?1049h");
  for (int round = 0; round < 40; ++round) {
    Print(std::string(1'000, '#'));
  }
  SimulatedClient client(hub_, {});
  client.Connect(now_);
  client.PumpAll(now_);
  EXPECT_NE(client.received().prelude.find("\x1b[?1049h"), std::string::npos);
  EXPECT_EQ(hub_.TakeResize(), (WindowSize{.column_count = 80, .row_count = 23}));
  ASSERT_EQ(hub_.wake_at(), now_ + kNudgePause);
  now_ += kNudgePause;
  hub_.OnTimer(now_);
  EXPECT_EQ(hub_.TakeResize(), (WindowSize{.column_count = 80, .row_count = 24}));
  EXPECT_FALSE(client.size.has_value()) << "a change that is taken back is nobody's business";
}

TEST_F(HubTest, AResumeAtAnOffsetThatWasNeverReachedStartsAfresh) {
  Print("hello");
  const ViewerId id = hub_.Open();
  std::string attach;
  wire::Append(attach, wire::Attach{.resume = true, .offset = 1'000'000, .limit = 1'000});
  hub_.OnMessage(id, attach, now_);
  EXPECT_TRUE(hub_.Next(id, kControlSizeMax).has_value());
  const auto reset = hub_.Next(id, kControlSizeMax);
  ASSERT_TRUE(reset.has_value());
  const std::string bytes = reset->Joined();
  const auto parsed = wire::ParseFromTerminal(bytes);
  ASSERT_TRUE(std::holds_alternative<wire::Reset>(*parsed));
  EXPECT_EQ(std::get<wire::Reset>(*parsed).offset, 0U);
}

TEST_F(HubTest, NoticesReachEveryViewerAndStayBounded) {
  SimulatedClient client(hub_, {});
  client.Connect(now_);
  for (int count = 0; count < 1'000; ++count) {
    hub_.Notice(wire::Severity::kWarning, std::to_string(count));
  }
  client.PumpAll(now_);
  EXPECT_EQ(client.notices.size(), kNoticeCountMax);
  EXPECT_EQ(client.notices.back(), "999");
}

}  // namespace
}  // namespace paddock::agent::terminal
