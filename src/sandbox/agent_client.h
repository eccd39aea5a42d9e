// AgentClient: what the server asks of the agent inside one sandbox, over one multiplexed stream.
//
// Used by the features (runs, files, terminals). The stream comes from Driver::Connect; the wire
// format is docs/protocol/agent.md. Everything that arrives is hostile: a peer that breaks the
// protocol ends the connection, and every pending call fails with kUnavailable.
//
// Threading: loop thread only. Ownership: shared_ptr, held by the caller until its call has
// returned. Readers, writers and channels keep the connection open by themselves.
// Cancelling a call cancels the work in the sandbox. Each call may also fail with kUnavailable
// (the agent is gone) and kDeadlineExceeded.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "base/units.h"
#include "model/ids.h"

namespace paddock::sandbox {

/// A caller's hold on a command while Exec runs it. Made by the caller, put into the ExecSpec.
class ExecControl {
 public:
  /// To the process itself, or to everything it ever started.
  enum class Scope { kProcess, kEverything };

  /// Sends `signal` (1 to 64). Fails with kInvalid, and with kNotFound while no command runs.
  [[nodiscard]] Result<void> Signal(int signal, Scope scope) const;

  /// For the implementation of AgentClient: how to send; empty once the command has ended.
  using Sender = std::function<void(int signal, Scope scope)>;
  void Bind(Sender sender) { send_ = std::move(sender); }

 private:
  Sender send_;
};

/// One command to run to its end. Exactly one of `argv` and `shell` is used: shell when set.
struct ExecSpec {
  std::vector<std::string> argv;
  std::optional<std::string> shell;  // run by /bin/sh -c
  std::string stdin_data;
  std::map<std::string, std::string> env;  // added to the sandbox's own
  std::string cwd;                         // empty: the home directory
  std::chrono::milliseconds timeout{10'000};
  Bytes output_max = 1_MiB;  // of each of stdout and stderr; the rest is read and dropped
  std::uint32_t uid = 0;     // inside the sandbox
  // Below the sandbox's own limits, where the agent has cgroups; absent: those of the sandbox.
  std::optional<Bytes> memory_max = std::nullopt;
  std::optional<std::uint32_t> process_count_max = std::nullopt;
  std::shared_ptr<ExecControl> control = nullptr;  // to signal it; may be null
};

struct ExecResult {
  std::optional<int> exit_code;  // absent when a signal ended it
  std::optional<int> signal;
  std::string stdout_data;
  std::string stderr_data;
  bool stdout_truncated = false;
  bool stderr_truncated = false;
  bool timed_out = false;
  std::chrono::microseconds wall_time{0};
  std::chrono::microseconds cpu_time{0};
  Bytes memory_peak;
};

enum class FileKind { kFile, kDirectory, kSymlink, kOther };

struct FileInfo {
  std::string name;  // any bytes but NUL and '/'
  FileKind kind = FileKind::kOther;
  Bytes size;
  std::uint32_t mode = 0;  // permission bits
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::chrono::system_clock::time_point modified_at;
  std::string link_target;  // of a symlink
};

struct Directory {
  std::vector<FileInfo> entries;  // sorted by name
  bool truncated = false;         // there were more than `entries_max`, or 1 MiB of names
};

/// Bytes that arrive piece by piece. Dropping it cancels the rest.
class ByteReader {
 public:
  virtual ~ByteReader() = default;
  /// The next piece, never more than 256 KiB; empty at the end.
  [[nodiscard]] virtual aio::Task<Result<std::string>> Read(Deadline deadline) = 0;
};

/// Bytes that leave piece by piece. Dropping it before Finish undoes the whole operation.
class ByteWriter {
 public:
  virtual ~ByteWriter() = default;
  /// Waits until the agent has taken what came before: back-pressure.
  [[nodiscard]] virtual aio::Task<Result<void>> Write(std::string piece, Deadline deadline) = 0;
  [[nodiscard]] virtual aio::Task<Result<void>> Finish(Deadline deadline) = 0;
};

struct FileContent {
  FileInfo info;
  std::unique_ptr<ByteReader> bytes;
};

struct TerminalSpec {
  TerminalId id;  // chosen by the server, so that it can find it again after a restart
  std::vector<std::string> argv;  // empty: the user's login shell
  std::map<std::string, std::string> env;
  std::string cwd;
  std::uint16_t column_count = 80;
  std::uint16_t row_count = 24;
  std::uint32_t uid = 0;
};

struct TerminalInfo {
  TerminalId id;
  std::vector<std::string> argv;
  std::string title;  // name of the foreground process
  std::uint16_t column_count = 0;
  std::uint16_t row_count = 0;
  bool exited = false;
  int viewer_count = 0;
  std::chrono::system_clock::time_point created_at;
  std::chrono::system_clock::time_point active_at;  // last input or output
};

/// One viewer's place at a terminal. Messages in both directions are those of
/// docs/protocol/terminal.md: the agent speaks that protocol, the server checks and relays it.
class TerminalChannel {
 public:
  virtual ~TerminalChannel() = default;  // detaches
  /// The next message from the agent, already checked for form. Fails with kCancelled when the
  /// agent closed the channel (after EXIT or ERROR), kUnavailable when it is gone.
  [[nodiscard]] virtual aio::Task<Result<std::string>> Receive() = 0;
  /// Sends one message of the viewer. Bounded: waits while the agent does not read.
  [[nodiscard]] virtual aio::Task<Result<void>> Send(std::string message) = 0;
};

struct AgentStats {
  Bytes memory;
  std::chrono::microseconds cpu_time{0};
  int process_count = 0;
  Bytes disk_used;
  Bytes disk_total;
  std::uint64_t inode_count = 0;
  std::uint64_t inode_count_max = 0;
};

class AgentClient {
 public:
  /// Greets the agent on `stream`. Fails with kUnavailable (it does not answer or speaks another
  /// version) or kDeadlineExceeded.
  [[nodiscard]] static aio::Task<Result<std::shared_ptr<AgentClient>>> Open(
      boost::asio::any_io_executor executor, UniqueFd stream, Deadline deadline);

  /// The same as Forward, on `stream`, a new one to an agent that forwards_directly(): it becomes
  /// the forward itself. May also fail with kExhausted: the agent has no place for it.
  [[nodiscard]] static aio::Task<Result<UniqueFd>> ForwardDirectly(UniqueFd stream,
                                                                   std::string target,
                                                                   Deadline deadline);

  virtual ~AgentClient() = default;

  /// Whether the agent can turn a connection of its own into a forward, and nobody can send
  /// descriptors along it, so that it may be given away.
  [[nodiscard]] virtual bool forwards_directly() const noexcept = 0;

  /// False once the connection has ended; then make a new one.
  [[nodiscard]] virtual bool is_open() const noexcept = 0;

  /// Runs to the end, or kills all it started at `spec.timeout`. Fails with kInvalid (no such
  /// directory or program), kExhausted (no more processes).
  [[nodiscard]] virtual aio::Task<Result<ExecResult>> Exec(ExecSpec spec, Deadline deadline) = 0;

  // Files. Paths are absolute inside the sandbox and follow its symlinks, which cannot leave it.
  // They fail with kNotFound, kInvalid (wrong kind of file, bad path), kDenied, kConflict
  // (exists, not empty) and kDiskFull.
  [[nodiscard]] virtual aio::Task<Result<FileInfo>> Stat(std::string path, Deadline deadline) = 0;
  [[nodiscard]] virtual aio::Task<Result<Directory>> ListDirectory(std::string path,
                                                                   int entries_max,
                                                                   Deadline deadline) = 0;
  /// At most `length` bytes from `offset`; only regular files; bounded by the size at open.
  [[nodiscard]] virtual aio::Task<Result<FileContent>> ReadFile(std::string path,
                                                                std::uint64_t offset,
                                                                std::uint64_t length,
                                                                Deadline deadline) = 0;
  /// Replaces the file whole, at Finish, or not at all.
  [[nodiscard]] virtual aio::Task<Result<std::unique_ptr<ByteWriter>>> WriteFile(
      std::string path, std::uint32_t mode, Deadline deadline) = 0;
  [[nodiscard]] virtual aio::Task<Result<void>> MakeDirectory(std::string path,
                                                              bool parents,
                                                              Deadline deadline) = 0;
  [[nodiscard]] virtual aio::Task<Result<void>> Move(std::string from,
                                                     std::string to,
                                                     Deadline deadline) = 0;
  [[nodiscard]] virtual aio::Task<Result<void>> Remove(std::string path,
                                                       bool recursive,
                                                       Deadline deadline) = 0;
  /// `path` and all below it as an uncompressed tar.
  [[nodiscard]] virtual aio::Task<Result<std::unique_ptr<ByteReader>>> ReadTar(
      std::string path, Deadline deadline) = 0;
  /// Unpacks an uncompressed tar below `path`. kInvalid names the entry that was refused.
  [[nodiscard]] virtual aio::Task<Result<std::unique_ptr<ByteWriter>>> WriteTar(
      std::string path, Deadline deadline) = 0;

  // Terminals.
  [[nodiscard]] virtual aio::Task<Result<TerminalInfo>> OpenTerminal(TerminalSpec spec,
                                                                     Deadline deadline) = 0;
  [[nodiscard]] virtual aio::Task<Result<std::vector<TerminalInfo>>> ListTerminals(
      Deadline deadline) = 0;
  /// Ends the terminal and everything it ever started. kNotFound for an unknown id.
  [[nodiscard]] virtual aio::Task<Result<void>> CloseTerminal(TerminalId id, Deadline deadline) = 0;
  /// The first message to Send is ATTACH.
  [[nodiscard]] virtual aio::Task<Result<std::unique_ptr<TerminalChannel>>> AttachTerminal(
      TerminalId id, Deadline deadline) = 0;

  /// A stream to `target` inside: "tcp:5432" on the sandbox's loopback, "unix:/path", or
  /// "program:sqlite", which starts the helper for SQLite and ends with it. May also fail with
  /// kInvalid (no such target) and kNotFound (the sandbox is older than that program).
  [[nodiscard]] virtual aio::Task<Result<UniqueFd>> Forward(std::string target,
                                                            Deadline deadline) = 0;

  [[nodiscard]] virtual aio::Task<Result<AgentStats>> Stats(Deadline deadline) = 0;
};

}  // namespace paddock::sandbox
