#include "agent/terminal/mode_tracker.h"

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace paddock::agent::terminal {
namespace {

using namespace std::string_view_literals;

Modes After(std::string_view bytes) {
  ModeTracker tracker;
  tracker.Feed(bytes);
  return tracker.modes();
}

// Sequences that change something, that change nothing, that are cut, and plain text between.
const std::vector<std::string_view>& Pieces() {
  static const std::vector<std::string_view> pieces{
      "plain text\r\n"sv,
      "\x1b[?1049h"sv,
      "\x1b[?1049l"sv,
      "\x1b[?47h"sv,
      "\x1b[?1047l"sv,
      "\x1b[?1h\x1b="sv,
      "\x1b[?1l\x1b>"sv,
      "\x1b[?25l"sv,
      "\x1b[?25;2004h"sv,
      "\x1b[?7l"sv,
      "\x1b[?6h"sv,
      "\x1b[?1000;1006h"sv,
      "\x1b[?1003h"sv,
      "\x1b[?1003l"sv,
      "\x1b[?1004h"sv,
      "\x1b[4h"sv,
      "\x1b[20h"sv,
      "\x1b[3;20r"sv,
      "\x1b[5r"sv,
      "\x1b[r"sv,
      "\x1b[1;31;44m"sv,
      "\x1b[38;5;200;48:2::1:2:3m"sv,
      "\x1b[38;2;9;8;7;4:3;58:5:77m"sv,
      "\x1b[97;104;9;53m"sv,
      "\x1b[22;24m"sv,
      "\x1b[m"sv,
      "\x1b(0"sv,
      "\x1b)0\x0e"sv,
      "\x0f\x1b(B"sv,
      "\x1b-A\x1bn"sv,
      "\x1b\x37"sv,
      "\x1b\x38"sv,
      "\x1b[s"sv,
      "\x1b[u"sv,
      "\x1b[4 q"sv,
      "\x1b[>4;2m"sv,
      "\x1b[>4m"sv,
      "\x1b[!p"sv,
      "\x1b"
      "c"sv,
      "\x1b]0;a title\x07"sv,
      "\x1b]2;\xe4\xbd\xa0\xe5\xa5\xbd\x1b\\"sv,
      "\x1b]52;c;Zm9v\x07"sv,
      "\x1bPq#0;2;0;0;0~~\x1b\\"sv,
      "\xe4\xbd\xa0\xe5\xa5\xbd caf\xc3\xa9"sv,
      "\xc2\x9b?2004h"sv,
      "\xff\xfe\x80"sv,
      "\x1b[999999999999;;;;1;2;3m"sv,
      "\x1b[?1;\x0e"
      "25l"sv,
      "\x1b[31"sv,
      "\x1b]2;cut"sv,
      "\x1bPcut"sv,
      "\x18"sv,
      "\xe4\xbd"sv,
  };
  return pieces;
}

std::string RandomOutput(std::mt19937& random, int piece_count) {
  std::string out;
  for (int piece = 0; piece < piece_count; ++piece) {
    out += Pieces()[random() % Pieces().size()];
  }
  return out;
}

TEST(ModeTrackerTest, FollowsEveryModeThatARestoreNeeds) {
  const Modes modes = After(
      "\x1b[?1049h\x1b[?1h\x1b=\x1b[?2004h\x1b[?1002;1006h\x1b[?25l\x1b[2;23r\x1b(0\x1b[1;38;5;12m"
      "\x1b[5 q\x1b[?1004h\x1b]2;vim\x07");
  EXPECT_TRUE(modes.alternate_screen);
  EXPECT_TRUE(modes.cursor_keys);
  EXPECT_TRUE(modes.keypad);
  EXPECT_TRUE(modes.bracketed_paste);
  EXPECT_EQ(modes.mouse_reports, 1002);
  EXPECT_EQ(modes.mouse_encoding, 1006);
  EXPECT_FALSE(modes.cursor_visible);
  EXPECT_EQ(modes.margins[1], (Margins{.top = 2, .bottom = 23}));
  EXPECT_EQ(modes.margins[0], Margins());
  EXPECT_EQ(modes.charsets.designated[0], '0');
  EXPECT_TRUE(modes.rendition.bold);
  EXPECT_EQ(modes.rendition.foreground, (Color{.kind = Color::Kind::kIndexed, .red = 12}));
  EXPECT_EQ(modes.cursor_shape, 5);
  EXPECT_TRUE(modes.focus_reports);
  EXPECT_EQ(modes.title, "vim");
}

TEST(ModeTrackerTest, EveryFormOfAColourMeansTheSame) {
  const Color rgb{.kind = Color::Kind::kRgb, .red = 1, .green = 2, .blue = 3};
  for (const auto text : {"\x1b[38;2;1;2;3m", "\x1b[38:2:1:2:3m", "\x1b[38:2::1:2:3m"}) {
    EXPECT_EQ(After(text).rendition.foreground, rgb) << (text + 1);
  }
  EXPECT_EQ(After("\x1b[38;2;1;2;3;1m").rendition.bold, true);
  EXPECT_EQ(After("\x1b[38:2:1:2:3;1m").rendition.bold, true);
  EXPECT_EQ(After("\x1b[38;5;9;1m").rendition.bold, true);
  EXPECT_EQ(After("\x1b[94m").rendition.foreground,
            (Color{.kind = Color::Kind::kBasic, .red = 12}));
}

TEST(ModeTrackerTest, ARestoredTerminalHasTheSameModes) {
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    ModeTracker tracker;
    // CAN ends a sequence that was cut: a restore happens at a boundary.
    const std::string output = RandomOutput(random, 12) + "\x18";
    tracker.Feed(output);
    ASSERT_TRUE(tracker.at_boundary());
    ASSERT_LE(tracker.Restore().size(), 1024U);
    EXPECT_EQ(After(tracker.Restore()), tracker.modes()) << testing::PrintToString(output);
  }
}

TEST(ModeTrackerTest, HowTheBytesAreCutMakesNoDifference) {
  std::mt19937 random(2);
  for (int round = 0; round < 2'000; ++round) {
    const std::string output = RandomOutput(random, 30);
    ModeTracker whole;
    whole.Feed(output);
    ModeTracker single;
    for (const char byte : output) {
      single.Feed({&byte, 1});
    }
    ModeTracker pieces;
    for (std::size_t at = 0; at < output.size();) {
      const std::size_t count = 1 + random() % 100;
      pieces.Feed(std::string_view(output).substr(at, count));
      at += count;
    }
    EXPECT_EQ(whole.modes(), single.modes());
    EXPECT_EQ(whole.at_boundary(), single.at_boundary());
    EXPECT_EQ(whole.modes(), pieces.modes());
    EXPECT_EQ(whole.at_boundary(), pieces.at_boundary());
  }
}

TEST(ModeTrackerTest, ABoundaryIsFoundBehindACutSequenceOrCharacter) {
  struct Case {
    std::string_view before;
    std::string_view after;
    std::size_t boundary;
  };
  for (const Case& c :
       {Case{"text", "more", 0}, Case{"\x1b[3", "1mred", 2}, Case{"\x1b", "[mx", 2},
        Case{"\xe4", "\xbd\xa0x", 2}, Case{"\xe4\xbd", "\xa0x", 1}, Case{"\xe4", "x", 1},
        Case{"\x1b]2;ti", "tle\x07x", 4}, Case{"\x1bPq", "~~\x1b\\x", 4},
        Case{"\xc2",
             "\x9b"
             "31mx",
             4},
        Case{"\x1b]2;\xc5", "\x9c\x07x", 2}, Case{"\x1b(", "0x", 1}}) {
    ModeTracker tracker;
    tracker.Feed(c.before);
    EXPECT_EQ(tracker.FeedToBoundary(c.after), c.boundary) << testing::PrintToString(c.before);
  }
}

TEST(ModeTrackerTest, AnImageWithoutEndIsSwallowedByTheRestoredTerminal) {
  for (const auto opening : {"\x1bPq~~~"sv, "\x1b]1337;File="sv, "\x1b_G"sv}) {
    ModeTracker tracker;
    tracker.Feed(opening);
    EXPECT_EQ(tracker.FeedToBoundary(std::string(100'000, '~')), ModeTracker::npos);
    ModeTracker restored;
    restored.Feed(tracker.Restore());
    EXPECT_FALSE(restored.at_boundary());
    restored.Feed("~~[31m~~\x1b\\");
    EXPECT_TRUE(restored.at_boundary());
    EXPECT_EQ(restored.modes(), Modes());
  }
}

TEST(ModeTrackerTest, ATitleCarriesNoControlCharactersAndNoBombs) {
  EXPECT_EQ(After("\x1b]2;a\x01"
                  "b\x07")
                .title,
            "");
  EXPECT_EQ(After("\x1b]2;" + std::string(100'000, 'x') + "\x07").title, "");
  EXPECT_EQ(After("\x1b]2;" + std::string(Modes::kTitleSizeMax, 'x') + "\x07").title.size(),
            Modes::kTitleSizeMax);
}

TEST(ModeTrackerTest, EndlessParametersStayBounded) {
  std::string bomb = "\x1b[";
  for (int count = 0; count < 100'000; ++count) {
    bomb += "1;";
  }
  const Modes modes = After(bomb + "31m\x1b[?1049h");
  EXPECT_TRUE(modes.rendition.bold);
  EXPECT_TRUE(modes.alternate_screen);
}

}  // namespace
}  // namespace paddock::agent::terminal
