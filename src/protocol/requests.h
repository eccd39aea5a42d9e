// Requests: what the client asks for when it opens a channel.
//
// Encoded by sandbox::AgentClient, decoded by the agent.
//
// Append functions append whole frames, header included. Decoders take a payload that came through
// FrameReader, copy what they keep, and fail with kInvalid and a message fit for the other side.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "model/ids.h"
#include "protocol/frame.h"

namespace paddock::protocol {

using Environment = std::vector<std::pair<std::string, std::string>>;

struct ExecRequest {
  bool has_stdin = true;
  bool leaves_processes = false;
  std::uint32_t uid = 0;
  std::chrono::milliseconds timeout{0};  // 0: none
  Bytes output_max;                      // of each of stdout and stderr
  Bytes memory_max;                      // 0: the sandbox's own
  std::uint32_t process_count_max = 0;   // 0: the sandbox's own
  std::string cwd;                       // empty: the home directory
  std::vector<std::string> argv;
  Environment env;
  friend bool operator==(const ExecRequest&, const ExecRequest&) = default;
};

struct TerminalOpenRequest {
  std::uint32_t uid = 0;
  std::uint16_t column_count = 80;
  std::uint16_t row_count = 24;
  TerminalId id{""};
  std::string cwd;
  std::vector<std::string> argv;  // empty: the login shell
  Environment env;
  friend bool operator==(const TerminalOpenRequest&, const TerminalOpenRequest&) = default;
};

// The other requests, one struct each, so that a variant tells them apart.
struct TerminalListRequest {
  friend bool operator==(const TerminalListRequest&, const TerminalListRequest&) = default;
};
struct TerminalCloseRequest {
  TerminalId id{""};
  friend bool operator==(const TerminalCloseRequest&, const TerminalCloseRequest&) = default;
};
struct TerminalAttachRequest {
  TerminalId id{""};
  friend bool operator==(const TerminalAttachRequest&, const TerminalAttachRequest&) = default;
};
struct StatRequest {
  bool follows = true;
  std::string path;
  friend bool operator==(const StatRequest&, const StatRequest&) = default;
};
struct ListRequest {
  std::uint32_t entry_count_max = 0;  // at most kListEntryCountMax
  std::string path;
  friend bool operator==(const ListRequest&, const ListRequest&) = default;
};
struct ReadRequest {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::string path;
  friend bool operator==(const ReadRequest&, const ReadRequest&) = default;
};
struct WriteRequest {
  std::uint32_t mode = 0;
  std::string path;
  friend bool operator==(const WriteRequest&, const WriteRequest&) = default;
};
struct MakeDirectoryRequest {
  bool parents = false;
  std::uint32_t mode = 0755;
  std::string path;
  friend bool operator==(const MakeDirectoryRequest&, const MakeDirectoryRequest&) = default;
};
struct MoveRequest {
  bool replaces = false;
  std::string from;
  std::string to;
  friend bool operator==(const MoveRequest&, const MoveRequest&) = default;
};
struct RemoveRequest {
  bool recursive = false;
  std::string path;
  friend bool operator==(const RemoveRequest&, const RemoveRequest&) = default;
};
struct TarReadRequest {
  std::string path;
  friend bool operator==(const TarReadRequest&, const TarReadRequest&) = default;
};
struct TarWriteRequest {
  std::string path;
  friend bool operator==(const TarWriteRequest&, const TarWriteRequest&) = default;
};
enum class ForwardFamily : std::uint8_t { kTcp = 0, kUnix = 1, kProgram = 2 };
/// The programs beside the agent that a forward may start; its `port` says which.
enum class HelperProgram : std::uint16_t { kSqlite = 1 };
struct ForwardRequest {
  ForwardFamily family = ForwardFamily::kTcp;
  std::uint16_t port = 0;  // of kTcp
  std::string path;        // of kUnix
  bool is_direct = false;  // the connection becomes the stream; not of kProgram
  friend bool operator==(const ForwardRequest&, const ForwardRequest&) = default;
};
struct StatsRequest {
  friend bool operator==(const StatsRequest&, const StatsRequest&) = default;
};

/// In the order of their kinds on the wire, from 1.
using Request = std::variant<ExecRequest,
                             TerminalOpenRequest,
                             TerminalListRequest,
                             TerminalCloseRequest,
                             TerminalAttachRequest,
                             StatRequest,
                             ListRequest,
                             ReadRequest,
                             WriteRequest,
                             MakeDirectoryRequest,
                             MoveRequest,
                             RemoveRequest,
                             TarReadRequest,
                             TarWriteRequest,
                             ForwardRequest,
                             StatsRequest>;

struct Open {
  std::uint32_t credit = 0;  // for the agent's data
  Request request;
  friend bool operator==(const Open&, const Open&) = default;
};

enum class SignalScope : std::uint8_t { kProcess = 0, kEverything = 1 };
struct Signal {
  std::uint8_t signal = 0;
  SignalScope scope = SignalScope::kProcess;
  friend bool operator==(const Signal&, const Signal&) = default;
};

/// Fails with kInvalid and leaves `out` alone when the request breaks a limit of the protocol.
[[nodiscard]] Result<void> AppendOpen(std::string& out, ChannelId channel, const Open& open);
/// Its kInvalid is answered with ERROR on the channel, not with the end of the connection.
[[nodiscard]] Result<Open> DecodeOpen(std::string_view payload);
void AppendSignal(std::string& out, ChannelId channel, Signal signal);
[[nodiscard]] Result<Signal> DecodeSignal(std::string_view payload);

/// An absolute path within the limits, without NUL.
[[nodiscard]] bool IsPath(std::string_view path) noexcept;

}  // namespace paddock::protocol
