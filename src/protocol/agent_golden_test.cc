#include <algorithm>
#include <cstring>
#include <functional>
#include <map>

#include <gtest/gtest.h>

#include "protocol/answers.h"
#include "protocol/control.h"
#include "protocol/requests.h"
#include "protocol/testing/golden.h"

namespace paddock::protocol {
namespace {

using testing::Golden;
using testing::ReadGolden;
using testing::ToHex;

const TerminalId kTerminal("abcdefghijklmnopqrstuvwx2q");
constexpr std::uint32_t kCredit = 262'144;

std::map<std::string, Open> Requests() {
  using std::chrono::milliseconds;
  const ExecRequest exec{.has_stdin = false,
                         .leaves_processes = false,
                         .uid = 1000,
                         .timeout = milliseconds(10'000),
                         .output_max = Bytes{1'048'576},
                         .memory_max = Bytes{0},
                         .process_count_max = 0,
                         .cwd = "/root",
                         .argv = {"/bin/sh", "-c", "echo hi"},
                         .env = {{"LANG", "C.UTF-8"}}};
  const ExecRequest cat{.has_stdin = true,
                        .leaves_processes = true,
                        .uid = 0,
                        .timeout = milliseconds(0),
                        .output_max = Bytes{~std::uint64_t{0}},
                        .memory_max = 64_MiB,
                        .process_count_max = 32,
                        .cwd = "",
                        .argv = {"cat"},
                        .env = {}};
  const TerminalOpenRequest shell{.uid = 0,
                                  .column_count = 80,
                                  .row_count = 24,
                                  .id = kTerminal,
                                  .cwd = "",
                                  .argv = {},
                                  .env = {{"TERM", "xterm-256color"}}};
  const ReadRequest read{.offset = 4096, .length = ~std::uint64_t{0}, .path = "/root/\xff"};
  const ForwardRequest tcp{.family = ForwardFamily::kTcp, .port = 5432, .path = ""};
  const ForwardRequest unix_socket{
      .family = ForwardFamily::kUnix, .port = 0, .path = "/run/x.sock"};
  const ForwardRequest program{.family = ForwardFamily::kProgram,
                               .port = static_cast<std::uint16_t>(HelperProgram::kSqlite),
                               .path = ""};
  ForwardRequest direct = tcp;
  direct.is_direct = true;
  return {{"open-exec", {kCredit, exec}},
          {"open-exec-stdin", {65'600, cat}},
          {"open-terminal-open", {kCredit, shell}},
          {"open-terminal-list", {kCredit, TerminalListRequest{}}},
          {"open-terminal-close", {kCredit, TerminalCloseRequest{kTerminal}}},
          {"open-terminal-attach", {kCredit, TerminalAttachRequest{kTerminal}}},
          {"open-stat", {kCredit, StatRequest{true, "/root/x"}}},
          {"open-list", {kCredit, ListRequest{1000, "/"}}},
          {"open-read", {kCredit, read}},
          {"open-write", {kCredit, WriteRequest{0644, "/root/x"}}},
          {"open-make-directory", {kCredit, MakeDirectoryRequest{true, 0755, "/a/b"}}},
          {"open-move", {kCredit, MoveRequest{false, "/a", "/b"}}},
          {"open-remove", {kCredit, RemoveRequest{true, "/a"}}},
          {"open-tar-read", {kCredit, TarReadRequest{"/root"}}},
          {"open-tar-write", {kCredit, TarWriteRequest{"/root"}}},
          {"open-forward-tcp", {kCredit, tcp}},
          {"open-forward-unix", {kCredit, unix_socket}},
          {"open-forward-program", {kCredit, program}},
          {"open-forward-direct", {kCredit, direct}},
          {"open-stats", {kCredit, StatsRequest{}}}};
}

TerminalRecord Bash() {
  using Time = std::chrono::sys_time<std::chrono::microseconds>;
  return {.id = kTerminal,
          .argv = {"bash"},
          .title = "vim",
          .column_count = 80,
          .row_count = 24,
          .exited = false,
          .viewer_count = 2,
          .created_at = Time(std::chrono::microseconds(1'763'683'200'000'000)),
          .active_at = Time(std::chrono::microseconds(1'763'683'260'000'000))};
}

FileRecord File(std::int64_t modified_ns) {
  FileRecord file;
  file.kind = EntryKind::kFile;
  file.mode = 0644;
  file.size = Bytes{12};
  file.modified_at =
      std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(modified_ns));
  file.name = "x";
  return file;
}

FileRecord Link() {
  auto link = File(1'763'683'200'123'456'789);
  link.kind = EntryKind::kSymlink;
  link.mode = 0777;
  link.uid = 1;
  link.gid = 2;
  link.size = Bytes{3};
  link.name = "l\xff";
  link.link_target = "../x";
  return link;
}

ExecOutcome Exited() {
  ExecOutcome outcome;
  outcome.value = 3;
  outcome.wall_time = std::chrono::microseconds(1500);
  outcome.cpu_time = std::chrono::microseconds(900);
  outcome.memory_peak = 2_MiB;
  return outcome;
}

ExecOutcome Killed() {
  ExecOutcome outcome;
  outcome.timed_out = true;
  outcome.stdout_cut = true;
  outcome.stderr_cut = true;
  outcome.signalled = true;
  outcome.value = 9;
  outcome.wall_time = std::chrono::seconds(10);
  outcome.cpu_time = std::chrono::milliseconds(9900);
  return outcome;
}

StatsRecord Stats() {
  StatsRecord stats;
  stats.memory = 100_MiB;
  stats.cpu_time = std::chrono::microseconds(1'234'567);
  stats.process_count = 12;
  stats.disk_used = Bytes{1};
  stats.disk_total = Bytes{2};
  stats.inode_count = 3;
  stats.inode_count_max = 4;
  return stats;
}

Frame FrameOf(const Golden& golden) {
  FrameReader cutter(golden.from == "client" ? Sender::kClient : Sender::kAgent);
  // The payload's view is into the golden bytes, which live as long as the test.
  const auto payload = std::string_view(golden.bytes).substr(kFrameHeaderBytes);
  const auto channel = static_cast<unsigned char>(golden.bytes[7]);
  return {channel, static_cast<FrameType>(golden.bytes[8]), payload};
}

// One entry per frame that is not an OPEN: true when its payload says what the page says, and the
// bytes that the encoder makes of it.
using Judge = std::function<bool(const Frame&, std::string& out)>;

template <class T, class Decode, class Encode>
Judge Is(T expected, Decode decode, Encode encode) {
  return [=](const Frame& frame, std::string& out) {
    encode(out, expected);
    const auto decoded = decode(frame.payload);
    return decoded && *decoded == expected;
  };
}

Judge Bare(ChannelId channel, FrameType type, std::string payload) {
  return [=](const Frame& frame, std::string& out) {
    AppendFrame(out, channel, type, payload);
    return frame.type == type && frame.payload == payload;
  };
}

std::map<std::string, Judge> Judges() {
  using Out = std::string&;
  const auto same_error = [](const Error& expected, bool goaway) -> Judge {
    return [=](const Frame& frame, std::string& out) {
      goaway ? AppendGoAway(out, expected) : AppendError(out, 7, expected);
      const auto decoded = DecodeError(frame.payload);
      return decoded && decoded->code == expected.code && decoded->message == expected.message;
    };
  };
  const Hello hello{.version = 1, .features = 1, .software = "paddock-agent 0.1.0"};
  const Signal signal{.signal = 15, .scope = SignalScope::kEverything};
  const std::vector<TerminalRecord> terminals{Bash(), Bash()};
  const std::vector<FileRecord> files{File(-1), Link()};
  const auto put_all = [](ChannelId channel) {
    return [channel](Out out, const auto& records) {
      std::string payload;
      for (const auto& record : records) {
        PutRecord(payload, record);
      }
      AppendFrame(out, channel, FrameType::kData, payload);
    };
  };
  return {
      {"hello", Is(hello, DecodeHello, AppendHello)},
      {"goaway", same_error({Code::kInvalid, "frame of unknown type 64"}, true)},
      {"error", same_error({Code::kNotFound, "/root/x: no such file"}, false)},
      {"close", Bare(1, FrameType::kClose, "")},
      {"data", Bare(2, FrameType::kData, "hello\n")},
      {"error-data", Bare(2, FrameType::kErrorData, "oops\n")},
      {"data-end", Bare(2, FrameType::kDataEnd, "")},
      {"ready-empty", Bare(10, FrameType::kReady, "")},
      {"signal", Is(signal, DecodeSignal, [](Out out, Signal s) { AppendSignal(out, 2, s); })},
      {"window", Is(65'536U, DecodeWindow, [](Out out, auto n) { AppendWindow(out, 2, n); })},
      {"ready-exec", Is(4711U, DecodeProcessId, [](Out o, auto n) { AppendProcessId(o, 1, n); })},
      {"result-exec", Is(Exited(), DecodeOutcome,
                         [](Out out, const auto& outcome) { AppendOutcome(out, 1, outcome); })},
      {"result-exec-killed",
       Is(Killed(), DecodeOutcome,
          [](Out out, const auto& outcome) { AppendOutcome(out, 2, outcome); })},
      {"result-terminal",
       Is(Bash(), DecodeTerminal,
          [](Out out, const auto& terminal) { AppendTerminal(out, 3, terminal); })},
      {"data-terminals", Is(terminals, DecodeTerminals, put_all(4))},
      {"ready-file",
       Is(File(-1), DecodeFile,
          [](Out out, const auto& file) { AppendFile(out, 9, FrameType::kReady, file); })},
      {"data-files", Is(files, DecodeFiles, put_all(8))},
      {"result-list", Is(true, DecodeListEnd, [](Out o, bool more) { AppendListEnd(o, 8, more); })},
      {"result-stats",
       Is(Stats(), DecodeStats, [](Out out, const auto& stats) { AppendStats(out, 18, stats); })},
  };
}

// True when reader and decoders accept the golden bytes.
bool Accepts(const Golden& golden) {
  FrameReader reader(golden.from == "client" ? Sender::kClient : Sender::kAgent);
  const auto space = reader.Space();
  std::memcpy(space.data(), golden.bytes.data(), golden.bytes.size());
  reader.Commit(golden.bytes.size());
  const auto next = reader.Next();
  if (!next) {
    return false;
  }
  EXPECT_TRUE(*next) << "an incomplete frame";
  const auto& frame = **next;
  switch (frame.type) {
    case FrameType::kHello: return DecodeHello(frame.payload).has_value();
    case FrameType::kOpen: return DecodeOpen(frame.payload).has_value();
    case FrameType::kSignal: return DecodeSignal(frame.payload).has_value();
    case FrameType::kWindow: return DecodeWindow(frame.payload).has_value();
    case FrameType::kError: return DecodeError(frame.payload).has_value();
    case FrameType::kReady: return DecodeFile(frame.payload).has_value();
    case FrameType::kResult: return DecodeOutcome(frame.payload).has_value();
    default: return true;
  }
}

class AgentGoldenTest : public ::testing::TestWithParam<Golden> {};

TEST_P(AgentGoldenTest, DecodesAndEncodesTheSame) {
  const auto& golden = GetParam();
  if (golden.refused) {
    EXPECT_FALSE(Accepts(golden));
    return;
  }
  const auto frame = FrameOf(golden);
  const auto checked =
      CheckFrame(frame, golden.from == "client" ? Sender::kClient : Sender::kAgent);
  EXPECT_TRUE(checked) << checked.error().message;
  std::string encoded;
  if (frame.type == FrameType::kOpen) {
    const auto expected = Requests().at(golden.name);
    const auto decoded = DecodeOpen(frame.payload);
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_TRUE(*decoded == expected);
    ASSERT_TRUE(AppendOpen(encoded, frame.channel, expected));
  } else {
    EXPECT_TRUE(Judges().at(golden.name)(frame, encoded));
  }
  EXPECT_EQ(ToHex(encoded), ToHex(golden.bytes));
}

INSTANTIATE_TEST_SUITE_P(All,
                         AgentGoldenTest,
                         ::testing::ValuesIn(ReadGolden(PADDOCK_GOLDEN_DIR "/agent.txt", "frame")),
                         [](const ::testing::TestParamInfo<Golden>& test) {
                           std::string name = test.param.name;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(RequestsTest, ARequestTooLargeForAFrameIsRefusedAndWritesNothing) {
  ExecRequest exec;
  exec.argv = {"sh", "-c", std::string(kTextBytesMax, 'x')};
  std::string out = "before";
  EXPECT_TRUE(AppendOpen(out, 1, {0, exec}));
  exec.argv.emplace_back(100, 'y');
  out = "before";
  const auto refused = AppendOpen(out, 1, {0, exec});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kInvalid);
  EXPECT_EQ(out, "before");
  exec.argv = {std::string(kTextBytesMax + 1, 'x')};
  EXPECT_FALSE(AppendOpen(out, 1, {0, exec}));
}

}  // namespace
}  // namespace paddock::protocol
