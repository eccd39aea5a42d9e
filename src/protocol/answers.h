// Answers: what the agent says in READY, RESULT and the records of DATA.
//
// Encoded by the agent, decoded by sandbox::AgentClient.
//
// Append functions append whole frames, header included. Decoders take a payload that came through
// FrameReader, copy what they keep, and fail with kInvalid and a message fit for the other side.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "model/ids.h"
#include "protocol/frame.h"

namespace paddock::protocol {

struct ExecOutcome {
  bool timed_out = false;
  bool stdout_cut = false;
  bool stderr_cut = false;
  bool signalled = false;   // `value` is a signal, else an exit code
  std::uint32_t value = 0;  // exit code below 256, or signal from 1 to kSignalMax
  std::chrono::microseconds wall_time{0};
  std::chrono::microseconds cpu_time{0};
  Bytes memory_peak;
  friend bool operator==(const ExecOutcome&, const ExecOutcome&) = default;
};

struct TerminalRecord {
  TerminalId id{""};
  std::vector<std::string> argv;  // cut after kInfoArgumentBytesMax
  std::string title;
  std::uint16_t column_count = 0;
  std::uint16_t row_count = 0;
  bool exited = false;
  std::uint16_t viewer_count = 0;
  std::chrono::sys_time<std::chrono::microseconds> created_at;
  std::chrono::sys_time<std::chrono::microseconds> active_at;
  friend bool operator==(const TerminalRecord&, const TerminalRecord&) = default;
};

enum class EntryKind : std::uint8_t { kFile = 0, kDirectory = 1, kSymlink = 2, kOther = 3 };
struct FileRecord {
  EntryKind kind = EntryKind::kOther;
  std::uint32_t mode = 0;  // the low 12 bits
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  Bytes size;
  std::chrono::sys_time<std::chrono::nanoseconds> modified_at;
  std::string name;
  std::string link_target;
  friend bool operator==(const FileRecord&, const FileRecord&) = default;
};

struct StatsRecord {
  Bytes memory;
  std::chrono::microseconds cpu_time{0};
  std::uint32_t process_count = 0;
  Bytes disk_used;
  Bytes disk_total;
  std::uint64_t inode_count = 0;
  std::uint64_t inode_count_max = 0;
  friend bool operator==(const StatsRecord&, const StatsRecord&) = default;
};

// READY of exec, RESULT of the others; a file also READY of read, so `type` says which.
void AppendProcessId(std::string& out, ChannelId channel, std::uint32_t pid);
[[nodiscard]] Result<std::uint32_t> DecodeProcessId(std::string_view payload);
void AppendOutcome(std::string& out, ChannelId channel, const ExecOutcome& outcome);
[[nodiscard]] Result<ExecOutcome> DecodeOutcome(std::string_view payload);
void AppendFile(std::string& out, ChannelId channel, FrameType type, const FileRecord& file);
[[nodiscard]] Result<FileRecord> DecodeFile(std::string_view payload);
void AppendTerminal(std::string& out, ChannelId channel, const TerminalRecord& terminal);
[[nodiscard]] Result<TerminalRecord> DecodeTerminal(std::string_view payload);
void AppendListEnd(std::string& out, ChannelId channel, bool truncated);
[[nodiscard]] Result<bool> DecodeListEnd(std::string_view payload);
void AppendStats(std::string& out, ChannelId channel, const StatsRecord& stats);
[[nodiscard]] Result<StatsRecord> DecodeStats(std::string_view payload);

// Records in DATA frames: the agent collects whole records in a string of at most
// kPayloadBytesMax, the client takes them out one by one.
void PutRecord(std::string& payload, const FileRecord& file);
void PutRecord(std::string& payload, const TerminalRecord& terminal);
[[nodiscard]] Result<std::vector<FileRecord>> DecodeFiles(std::string_view payload);
[[nodiscard]] Result<std::vector<TerminalRecord>> DecodeTerminals(std::string_view payload);

}  // namespace paddock::protocol
