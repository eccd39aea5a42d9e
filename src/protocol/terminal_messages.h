// Messages of docs/protocol/terminal.md, `paddock.terminal.v1`.
//
// Used by the agent (which speaks it), the server (which checks and relays) and test clients. Parse
// gives views into the message and fails with kInvalid; sizes out of range are clamped as the page
// says. Append functions append one message; their fields must be in range (checked: a bug aborts).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "protocol/limits.h"

namespace paddock::protocol::terminal {

using ClientName = std::array<char, 16>;

// Viewer to terminal.
struct Attach {
  bool resume = false;
  bool own = false;
  bool watch = false;
  std::uint16_t column_count = 80;
  std::uint16_t row_count = 24;
  std::uint64_t offset = 0;
  std::uint64_t limit = 0;
  ClientName client{};
};
struct Input {
  std::uint64_t sequence = 0;
  std::string_view bytes;
};
struct Credit {
  std::uint64_t limit = 0;
};
struct Resize {
  std::uint16_t column_count = 80;
  std::uint16_t row_count = 24;
};
struct Own {};
struct Ping {
  std::uint64_t token = 0;
};
using ViewerMessage = std::variant<Attach, Input, Credit, Resize, Own, Ping>;

// Terminal to viewer.
struct Attached {
  bool owner = false;
  bool exited = false;
  std::uint16_t column_count = 80;
  std::uint16_t row_count = 24;
  std::uint64_t offset = 0;
  std::uint64_t live = 0;
  std::uint64_t input = 0;
};
struct Output {
  std::uint64_t offset = 0;
  std::string_view bytes;
};
struct Taken {
  std::uint64_t sequence = 0;
};
struct Size {
  bool owner = false;
  std::uint16_t column_count = 80;
  std::uint16_t row_count = 24;
};
struct Exit {
  std::uint64_t offset = 0;
  bool signalled = false;
  std::uint32_t value = 0;
};
struct Pong {
  std::uint64_t token = 0;
};
struct Reset {
  std::uint64_t offset = 0;
  std::string_view bytes;
};
enum class Severity : std::uint8_t { kInformation = 0, kWarning = 1 };
struct Notice {
  Severity severity = Severity::kInformation;
  std::string_view text;
};
enum class Failure : std::uint16_t {
  kNoTerminal = 1,
  kInputGap = 2,
  kNotRunning = 3,
  kGone = 4,
  kTooManyViewers = 5,
  kProtocol = 6,
  kStopping = 7,
  kReplaced = 8,
};
struct Error {
  Failure code = Failure::kProtocol;
  std::string_view text;
};
using TerminalMessage =
    std::variant<Attached, Output, Taken, Size, Exit, Pong, Reset, Notice, Error>;

[[nodiscard]] Result<ViewerMessage> ParseFromViewer(std::string_view message);
[[nodiscard]] Result<TerminalMessage> ParseFromTerminal(std::string_view message);

void Append(std::string& out, const Attach& message);
void Append(std::string& out, const Input& message);
void Append(std::string& out, const Credit& message);
void Append(std::string& out, const Resize& message);
void Append(std::string& out, const Own& message);
void Append(std::string& out, const Ping& message);
void Append(std::string& out, const Attached& message);
void Append(std::string& out, const Output& message);
void Append(std::string& out, const Taken& message);
void Append(std::string& out, const Size& message);
void Append(std::string& out, const Exit& message);
void Append(std::string& out, const Pong& message);
void Append(std::string& out, const Reset& message);
void Append(std::string& out, const Notice& message);
void Append(std::string& out, const Error& message);

/// The front of an OUTPUT message, for those who send its bytes from where they lie.
void StoreOutputHeader(std::span<char, kOutputHeaderBytes> out, std::uint64_t offset);

/// Lowers the limit of an ATTACH or CREDIT message in place to at most `limit_max`; others stay.
/// `message` must have come through ParseFromViewer.
void ClampLimit(std::string& message, std::uint64_t limit_max);

}  // namespace paddock::protocol::terminal
