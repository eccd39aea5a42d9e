// Real programs, recorded at 80 by 24, cut anywhere: what a client shows after it attached again is
// what libvterm shows when it is fed with everything.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "agent/terminal/hub.h"
#include "agent/terminal/testing/reference_terminal.h"
#include "agent/terminal/testing/simulated_client.h"

namespace paddock::agent::terminal {
namespace {

using namespace std::chrono_literals;
using testing::ReferenceTerminal;
using testing::SimulatedClient;

constexpr std::size_t kSmallRing = 4096;
constexpr int kColumnCount = 80;
constexpr int kRowCount = 24;

/// libvterm 0.1 heeds only the first of several modes in one sequence: gives it one of each.
std::string OneModePerSequence(std::string_view bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const std::size_t end = bytes.substr(at).starts_with("\x1b[?")
                                ? bytes.find_first_not_of("0123456789;", at + 3)
                                : std::string_view::npos;
    if (end == std::string_view::npos || (bytes[end] != 'h' && bytes[end] != 'l')) {
      out += bytes[at];
      continue;
    }
    std::string_view modes = bytes.substr(at + 3, end - at - 3);
    while (!modes.empty()) {
      const std::size_t size = std::min(modes.find(';'), modes.size());
      out.append("\x1b[?").append(modes.substr(0, size)) += bytes[end];
      modes.remove_prefix(std::min(size + 1, modes.size()));
    }
    at = end;
  }
  return out;
}

struct Recording {
  const char* name;
  /// Where the program draws everything again: it was resized, or told to.
  std::size_t redraw_at;
};

class RecordingsTest : public ::testing::TestWithParam<Recording> {
 protected:
  void SetUp() override {
    const std::filesystem::path path =
        std::filesystem::path(PADDOCK_RECORDINGS) / (std::string(GetParam().name) + ".rec");
    std::ifstream file(path, std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(file), {});
    ASSERT_GT(bytes_.size(), 2 * kSmallRing) << path;
  }

  /// The program prints up to `end`, in pieces of random size, whoever watches.
  void PrintTo(Hub& hub, std::size_t end, SimulatedClient* client = nullptr) {
    while (hub.output_end() < end) {
      const auto at = static_cast<std::size_t>(hub.output_end());
      const std::size_t room = std::min(hub.output_room(), end - at);
      ASSERT_TRUE(room > 0 || client != nullptr);
      if (room > 0) {
        hub.OnOutput(std::string_view(bytes_).substr(at, 1 + random_() % room), now_);
      }
      if (client != nullptr) {
        client->PumpAll(now_);
      }
    }
    hub.OnTimer(now_ + 1s);  // no character waits for its rest any longer
    if (client != nullptr) {
      client->PumpAll(now_);
    }
  }

  std::string ScreenOf(std::string_view bytes) {
    ReferenceTerminal terminal(kColumnCount, kRowCount);
    terminal.Write(bytes);
    return terminal.Screen();
  }

  std::mt19937 random_{7};
  Hub::TimePoint now_{1h};
  std::string bytes_;
};

TEST_P(RecordingsTest, AResumeAtAnyByteShowsTheSameScreen) {
  for (std::size_t cut = 0; cut <= bytes_.size(); cut += 1 + random_() % 97) {
    Hub hub(WindowSize{}, 65'536);
    SimulatedClient client(hub, {.window = 1 + random_() % 4'096 + 4});
    client.Connect(now_);
    PrintTo(hub, cut, &client);
    client.Cut(now_);
    client.Connect(now_);
    PrintTo(hub, bytes_.size(), &client);
    ASSERT_EQ(client.reset_count(), 0);
    ASSERT_TRUE(client.received().shown == bytes_) << cut;
  }
}

TEST_P(RecordingsTest, AnEmulatorThatIsFedWhatArrivesShowsTheSameScreen) {
  const std::string expected = ScreenOf(bytes_);
  for (int round = 0; round < 20; ++round) {
    Hub hub(WindowSize{}, 65'536);
    SimulatedClient client(hub, {.window = 1 + random_() % 8'192 + 4});
    ReferenceTerminal terminal(kColumnCount, kRowCount);
    std::size_t shown = 0;
    while (shown < bytes_.size()) {
      client.Connect(now_);
      PrintTo(hub, std::min(bytes_.size(), shown + random_() % 3'000), &client);
      const std::string& received = client.received().shown;
      terminal.Write(std::string_view(received).substr(shown));
      shown = received.size();
      client.Cut(now_);
    }
    EXPECT_EQ(terminal.Screen(), expected);
  }
}

TEST_P(RecordingsTest, AFreshAttachShowsTheSameScreen) {
  Hub hub(WindowSize{}, 65'536);
  PrintTo(hub, bytes_.size());
  SimulatedClient client(hub, {});
  client.Connect(now_);
  client.PumpAll(now_);
  EXPECT_EQ(ScreenOf(client.received().shown), ScreenOf(bytes_));
}

TEST_P(RecordingsTest, AWrappedRingGivesTheSameModesWhereverItIsCut) {
  for (std::size_t end = kSmallRing + 1; end <= bytes_.size(); end += 1 + random_() % 401) {
    Hub hub(WindowSize{}, kSmallRing);
    PrintTo(hub, end);
    SimulatedClient client(hub, {});
    client.Connect(now_);
    client.PumpAll(now_);
    ASSERT_EQ(client.reset_count(), 1);
    // Both look at the same place, which has to be a boundary for the probe to mean anything.
    ModeTracker boundary;
    boundary.Feed(std::string_view(bytes_).substr(0, end));
    if (!boundary.at_boundary()) {
      continue;
    }
    ReferenceTerminal expected(kColumnCount, kRowCount);
    expected.Write(OneModePerSequence(std::string_view(bytes_).substr(0, end)));
    ReferenceTerminal actual(kColumnCount, kRowCount);
    actual.Write(OneModePerSequence(client.received().prelude));
    actual.Write(OneModePerSequence(client.received().shown));
    ASSERT_EQ(actual.ProbeModes(), expected.ProbeModes()) << "cut at " << end;
  }
}

TEST_P(RecordingsTest, AWrappedRingShowsTheSameScreenOnceTheProgramHasDrawnAgain) {
  const std::string expected = ScreenOf(bytes_);
  const std::size_t end_max = GetParam().redraw_at + kSmallRing;
  for (std::size_t end = kSmallRing + 1; end < std::min(end_max, bytes_.size());
       end += 1 + random_() % 601) {
    Hub hub(WindowSize{}, kSmallRing);
    PrintTo(hub, end);
    SimulatedClient client(hub, {});
    client.Connect(now_);
    client.PumpAll(now_);
    PrintTo(hub, bytes_.size(), &client);
    ASSERT_EQ(client.reset_count(), 1);
    ASSERT_TRUE(client.problems.empty());
    ASSERT_EQ(ScreenOf(client.received().prelude + client.received().shown), expected)
        << "cut at " << end;
  }
}

INSTANTIATE_TEST_SUITE_P(Programs,
                         RecordingsTest,
                         ::testing::Values(Recording{.name = "vim", .redraw_at = 24390},
                                           Recording{.name = "less", .redraw_at = 31683},
                                           Recording{.name = "htop", .redraw_at = 11636},
                                           Recording{.name = "psql", .redraw_at = 13578},
                                           Recording{.name = "apt", .redraw_at = 11128}),
                         [](const auto& recording) { return std::string(recording.param.name); });

}  // namespace
}  // namespace paddock::agent::terminal
