#include "protocol/answers.h"

#include "base/check.h"
#include "protocol/text.h"
#include "protocol/wire.h"

namespace paddock::protocol {
namespace {

using Microseconds = std::chrono::microseconds;

// Durations beyond this (290 years) would overflow the clock's arithmetic.
constexpr std::uint64_t kMicrosecondsMax = std::uint64_t{1} << 53U;

Microseconds Duration(WireReader& in) {
  const auto count = in.U64();
  in.Require(count <= kMicrosecondsMax);
  return Microseconds(in.ok() ? static_cast<std::int64_t>(count) : 0);
}

void PutDuration(std::string& out, Microseconds duration) {
  Put(out, static_cast<std::uint64_t>(duration.count()));
}

template <class T>
Result<T> Finish(const WireReader& in, T value, const char* what) {
  if (!in.Done()) {
    return Fail(Code::kInvalid, std::string("malformed ") + what);
  }
  return value;
}

FileRecord ReadFileRecord(WireReader& in) {
  FileRecord file;
  const auto kind = in.U8();
  in.Require(kind <= 3);
  file.kind = static_cast<EntryKind>(kind & 3U);
  file.mode = in.U32();
  in.Require(file.mode <= 07777);
  file.uid = in.U32();
  file.gid = in.U32();
  file.size = Bytes{in.U64()};
  file.modified_at = std::chrono::sys_time<std::chrono::nanoseconds>(
      std::chrono::nanoseconds(static_cast<std::int64_t>(in.U64())));
  file.name = in.Text(kNameBytesMax);
  file.link_target = in.Text(kPathBytesMax);
  constexpr std::string_view kNever("/\0", 2);
  in.Require(file.name.find_first_of(kNever) == std::string::npos);
  return file;
}

TerminalRecord ReadTerminalRecord(WireReader& in) {
  TerminalRecord terminal;
  std::string id(in.Text(kTextBytesMax));
  in.Require(IsIdText(id));
  terminal.id = TerminalId(std::move(id));
  const std::size_t count = in.U16();
  in.Require(count <= kArgumentCountMax);
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    terminal.argv.emplace_back(in.Text(kInfoArgumentBytesMax));
  }
  terminal.title = Printable(in.Text(kTitleBytesMax), kTitleBytesMax);
  terminal.column_count = in.U16();
  terminal.row_count = in.U16();
  const auto flags = in.U8();
  in.Require(flags <= 1);
  terminal.exited = flags == 1;
  terminal.viewer_count = in.U16();
  in.Require(terminal.viewer_count <= kViewerCountMax);
  using Time = std::chrono::sys_time<Microseconds>;
  terminal.created_at = Time(Duration(in));
  terminal.active_at = Time(Duration(in));
  return terminal;
}

template <class Record>
Result<std::vector<Record>> ReadRecords(std::string_view payload,
                                        Record (*read)(WireReader&),
                                        const char* what) {
  WireReader in(payload);
  std::vector<Record> records;
  while (in.ok() && !in.empty()) {
    records.push_back(read(in));
  }
  return Finish(in, std::move(records), what);
}

}  // namespace

void AppendProcessId(std::string& out, ChannelId channel, std::uint32_t pid) {
  char payload[sizeof(pid)];
  Store(payload, pid);
  AppendFrame(out, channel, FrameType::kReady, std::string_view(payload, sizeof(payload)));
}

Result<std::uint32_t> DecodeProcessId(std::string_view payload) {
  WireReader in(payload);
  const auto pid = in.U32();
  return Finish(in, pid, "READY of exec");
}

void AppendOutcome(std::string& out, ChannelId channel, const ExecOutcome& outcome) {
  std::string payload;
  Put(payload,
      static_cast<std::uint8_t>((outcome.timed_out ? 1U : 0U) | (outcome.stdout_cut ? 2U : 0U) |
                                (outcome.stderr_cut ? 4U : 0U)));
  Put(payload, static_cast<std::uint8_t>(outcome.signalled ? 1 : 0));
  Put(payload, outcome.value);
  PutDuration(payload, outcome.wall_time);
  PutDuration(payload, outcome.cpu_time);
  Put(payload, outcome.memory_peak.count);
  AppendFrame(out, channel, FrameType::kResult, payload);
}

Result<ExecOutcome> DecodeOutcome(std::string_view payload) {
  WireReader in(payload);
  ExecOutcome outcome;
  const unsigned flags = in.U8();
  in.Require(flags <= 7);
  outcome.timed_out = (flags & 1U) != 0;
  outcome.stdout_cut = (flags & 2U) != 0;
  outcome.stderr_cut = (flags & 4U) != 0;
  const auto kind = in.U8();
  in.Require(kind <= 1);
  outcome.signalled = kind == 1;
  outcome.value = in.U32();
  in.Require(outcome.signalled ? (outcome.value >= 1 && outcome.value <= kSignalMax)
                               : outcome.value <= 255);
  outcome.wall_time = Duration(in);
  outcome.cpu_time = Duration(in);
  outcome.memory_peak = Bytes{in.U64()};
  return Finish(in, outcome, "outcome of exec");
}

void PutRecord(std::string& payload, const FileRecord& file) {
  PADDOCK_CHECK(file.name.size() <= kNameBytesMax && file.link_target.size() <= kPathBytesMax);
  Put(payload, static_cast<std::uint8_t>(file.kind));
  Put(payload, file.mode);
  Put(payload, file.uid);
  Put(payload, file.gid);
  Put(payload, file.size.count);
  Put(payload, static_cast<std::uint64_t>(file.modified_at.time_since_epoch().count()));
  PutText(payload, file.name);
  PutText(payload, file.link_target);
}

void AppendFile(std::string& out, ChannelId channel, FrameType type, const FileRecord& file) {
  PADDOCK_CHECK(type == FrameType::kReady || type == FrameType::kResult);
  std::string payload;
  PutRecord(payload, file);
  AppendFrame(out, channel, type, payload);
}

Result<FileRecord> DecodeFile(std::string_view payload) {
  WireReader in(payload);
  auto file = ReadFileRecord(in);
  return Finish(in, std::move(file), "file");
}

Result<std::vector<FileRecord>> DecodeFiles(std::string_view payload) {
  return ReadRecords<FileRecord>(payload, ReadFileRecord, "list of files");
}

void PutRecord(std::string& payload, const TerminalRecord& terminal) {
  PutText(payload, terminal.id.value());
  std::string arguments;
  std::uint16_t count = 0;
  for (const auto& argument : terminal.argv) {
    if (arguments.size() + 2 + argument.size() > kInfoArgumentBytesMax) {
      break;
    }
    PutText(arguments, argument);
    ++count;
  }
  Put(payload, count);
  payload += arguments;
  PutText(payload, Printable(terminal.title, kTitleBytesMax));
  Put(payload, terminal.column_count);
  Put(payload, terminal.row_count);
  Put(payload, static_cast<std::uint8_t>(terminal.exited ? 1 : 0));
  Put(payload, terminal.viewer_count);
  PutDuration(payload, terminal.created_at.time_since_epoch());
  PutDuration(payload, terminal.active_at.time_since_epoch());
}

void AppendTerminal(std::string& out, ChannelId channel, const TerminalRecord& terminal) {
  std::string payload;
  PutRecord(payload, terminal);
  AppendFrame(out, channel, FrameType::kResult, payload);
}

Result<TerminalRecord> DecodeTerminal(std::string_view payload) {
  WireReader in(payload);
  auto terminal = ReadTerminalRecord(in);
  return Finish(in, std::move(terminal), "terminal");
}

Result<std::vector<TerminalRecord>> DecodeTerminals(std::string_view payload) {
  return ReadRecords<TerminalRecord>(payload, ReadTerminalRecord, "list of terminals");
}

void AppendListEnd(std::string& out, ChannelId channel, bool truncated) {
  const char flags = truncated ? 1 : 0;
  AppendFrame(out, channel, FrameType::kResult, std::string_view(&flags, 1));
}

Result<bool> DecodeListEnd(std::string_view payload) {
  WireReader in(payload);
  const auto flags = in.U8();
  in.Require(flags <= 1);
  return Finish(in, flags == 1, "end of a list");
}

void AppendStats(std::string& out, ChannelId channel, const StatsRecord& stats) {
  std::string payload;
  Put(payload, stats.memory.count);
  PutDuration(payload, stats.cpu_time);
  Put(payload, stats.process_count);
  Put(payload, stats.disk_used.count);
  Put(payload, stats.disk_total.count);
  Put(payload, stats.inode_count);
  Put(payload, stats.inode_count_max);
  AppendFrame(out, channel, FrameType::kResult, payload);
}

Result<StatsRecord> DecodeStats(std::string_view payload) {
  WireReader in(payload);
  StatsRecord stats;
  stats.memory = Bytes{in.U64()};
  stats.cpu_time = Duration(in);
  stats.process_count = in.U32();
  stats.disk_used = Bytes{in.U64()};
  stats.disk_total = Bytes{in.U64()};
  stats.inode_count = in.U64();
  stats.inode_count_max = in.U64();
  return Finish(in, stats, "stats");
}

}  // namespace paddock::protocol
