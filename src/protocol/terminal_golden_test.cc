#include <algorithm>

#include <gtest/gtest.h>

#include "protocol/terminal_messages.h"
#include "protocol/testing/golden.h"

namespace paddock::protocol::terminal {
namespace {

using protocol::testing::Golden;
using protocol::testing::ReadGolden;
using protocol::testing::ToHex;

std::string Bool(std::string_view name, bool value) {
  return fmt::format("{} = {}\n", name, value);
}
template <class T>
std::string Number(std::string_view name, T value) {
  return fmt::format("{} = {}\n", name, value);
}
std::string Text(std::string_view name, std::string_view value) {
  return fmt::format("{} = \"{}\"\n", name, value);
}
std::string Token(std::uint64_t token) { return fmt::format("token_hex = \"{:016x}\"\n", token); }
template <class T>
std::string Sizes(const T& message) {
  return Number("columns", message.column_count) + Number("rows", message.row_count);
}

std::string Describe(const Attach& m) {
  return Text("type", "attach") + Bool("resume", m.resume) + Bool("own", m.own) +
         Bool("watch", m.watch) + Sizes(m) + Number("offset", m.offset) + Number("limit", m.limit) +
         Text("client_hex", ToHex(std::string_view(m.client.data(), m.client.size())));
}
std::string Describe(const Input& m) {
  return Text("type", "input") + Number("sequence", m.sequence) + Text("bytes_hex", ToHex(m.bytes));
}
std::string Describe(const Credit& m) { return Text("type", "credit") + Number("limit", m.limit); }
std::string Describe(const Resize& m) { return Text("type", "resize") + Sizes(m); }
std::string Describe(const Own& /*m*/) { return Text("type", "own"); }
std::string Describe(const Ping& m) { return Text("type", "ping") + Token(m.token); }
std::string Describe(const Attached& m) {
  return Text("type", "attached") + Bool("owner", m.owner) + Bool("exited", m.exited) + Sizes(m) +
         Number("offset", m.offset) + Number("live", m.live) + Number("input", m.input);
}
std::string Describe(const Output& m) {
  return Text("type", "output") + Number("offset", m.offset) + Text("bytes_hex", ToHex(m.bytes));
}
std::string Describe(const Taken& m) {
  return Text("type", "taken") + Number("sequence", m.sequence);
}
std::string Describe(const Size& m) {
  return Text("type", "size") + Bool("owner", m.owner) + Sizes(m);
}
std::string Describe(const Exit& m) {
  return Text("type", "exit") + Number("offset", m.offset) +
         Text("kind", m.signalled ? "signal" : "code") + Number("value", m.value);
}
std::string Describe(const Pong& m) { return Text("type", "pong") + Token(m.token); }
std::string Describe(const Reset& m) {
  return Text("type", "reset") + Number("offset", m.offset) + Text("bytes_hex", ToHex(m.bytes));
}
std::string Describe(const Notice& m) {
  return Text("type", "notice") +
         Text("severity", m.severity == Severity::kWarning ? "warning" : "information") +
         Text("text", m.text);
}
std::string Describe(const Error& m) {
  return Text("type", "error") + Number("code", static_cast<int>(m.code)) + Text("text", m.text);
}

struct Outcome {
  bool refused = true;
  std::string fields;
  std::string bytes;  // the message built again from what was parsed
};

template <class Message>
Outcome OutcomeOf(const Result<Message>& parsed) {
  Outcome outcome;
  if (parsed) {
    outcome.refused = false;
    outcome.fields = std::visit([](const auto& m) { return Describe(m); }, *parsed);
    std::visit([&outcome](const auto& m) { Append(outcome.bytes, m); }, *parsed);
  }
  return outcome;
}

class TerminalGoldenTest : public ::testing::TestWithParam<Golden> {};

TEST_P(TerminalGoldenTest, ParsesAndBuildsTheSame) {
  const auto& golden = GetParam();
  const auto outcome = golden.from == "viewer" ? OutcomeOf(ParseFromViewer(golden.bytes))
                                               : OutcomeOf(ParseFromTerminal(golden.bytes));
  EXPECT_EQ(outcome.refused, golden.refused);
  EXPECT_EQ(outcome.fields, golden.fields);
  if (!golden.refused) {
    EXPECT_EQ(ToHex(outcome.bytes), ToHex(golden.bytes));
  }
}

// A missing file would leave no tests, which googletest reports as a failure of its own.
INSTANTIATE_TEST_SUITE_P(All,
                         TerminalGoldenTest,
                         ::testing::ValuesIn(ReadGolden(PADDOCK_GOLDEN_DIR "/terminal.txt",
                                                        "message")),
                         [](const ::testing::TestParamInfo<Golden>& test) {
                           std::string name = test.param.name;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(TerminalMessagesTest, SizesOfAViewerAreClamped) {
  const std::string resize("\x04\x00\x00\xff\xff", 5);
  const auto parsed = ParseFromViewer(resize);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(std::get<Resize>(*parsed).column_count, 1);
  EXPECT_EQ(std::get<Resize>(*parsed).row_count, kRowCountMax);
}

TEST(TerminalMessagesTest, ALimitIsLoweredInPlaceAndNeverRaised) {
  std::string credit;
  Append(credit, Credit{.limit = 1000});
  ClampLimit(credit, 600);
  EXPECT_EQ(std::get<Credit>(*ParseFromViewer(credit)).limit, 600U);
  ClampLimit(credit, 5000);
  EXPECT_EQ(std::get<Credit>(*ParseFromViewer(credit)).limit, 600U);

  Attach attach;
  attach.offset = 7;
  attach.limit = 1000;
  attach.client.fill('c');
  std::string message;
  Append(message, attach);
  ClampLimit(message, 999);
  const auto parsed = std::get<Attach>(*ParseFromViewer(message));
  EXPECT_EQ(parsed.limit, 999U);
  EXPECT_EQ(parsed.offset, 7U);
  EXPECT_EQ(parsed.client, attach.client);
}

TEST(TerminalMessagesTest, AnOutputHeaderSentApartIsTheFrontOfTheMessage) {
  std::string whole;
  Append(whole, Output{.offset = 123456789, .bytes = "x"});
  char header[kOutputHeaderBytes];
  StoreOutputHeader(header, 123456789);
  EXPECT_EQ(std::string(header, sizeof(header)) + "x", whole);
}

TEST(TerminalMessagesTest, InputAboveTheLimitIsRefused) {
  std::string message;
  Append(message, Input{.sequence = 0, .bytes = std::string(kTerminalBytesMax, 'x')});
  EXPECT_TRUE(ParseFromViewer(message));
  EXPECT_FALSE(ParseFromViewer(message + "x"));
}

}  // namespace
}  // namespace paddock::protocol::terminal
