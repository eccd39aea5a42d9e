#include "protocol/terminal_messages.h"

#include <algorithm>

#include "base/check.h"
#include "protocol/text.h"
#include "protocol/wire.h"

namespace paddock::protocol::terminal {
namespace {

enum Type : std::uint8_t {
  kAttach = 0x01,
  kInput = 0x02,
  kCredit = 0x03,
  kResize = 0x04,
  kOwn = 0x05,
  kPing = 0x06,
  kAttached = 0x81,
  kOutput = 0x82,
  kTaken = 0x83,
  kSize = 0x84,
  kExit = 0x85,
  kPong = 0x86,
  kReset = 0x87,
  kNotice = 0x88,
  kError = 0x89,
};

constexpr std::uint32_t kExitCodeMax = 255;
constexpr std::size_t kAttachLimitAt = 14;  // type, flags, columns, rows, offset
constexpr std::size_t kCreditLimitAt = 1;

std::uint64_t Offset(WireReader& in) {
  const auto offset = in.U64();
  in.Require(offset < kOffsetEnd);
  return offset;
}

std::uint16_t Clamped(WireReader& in, std::uint16_t count_max) {
  return std::clamp<std::uint16_t>(in.U16(), 1, count_max);
}

std::uint16_t InRange(WireReader& in, std::uint16_t count_max) {
  const auto count = in.U16();
  in.Require(count >= 1 && count <= count_max);
  return count;
}

unsigned Flags(WireReader& in, unsigned known) {
  const unsigned flags = in.U8();
  in.Require((flags & ~known) == 0);
  return flags;
}

// The numbered bytes that end a message: none reaches an offset that is not one.
std::string_view Numbered(WireReader& in, std::uint64_t offset, std::size_t bytes_min) {
  const auto bytes = in.Rest();
  in.Require(bytes.size() >= bytes_min && bytes.size() <= kTerminalBytesMax);
  in.Require(bytes.size() < kOffsetEnd - offset);
  return bytes;
}

std::string_view ShownText(WireReader& in) {
  const auto text = in.Rest();
  in.Require(text.size() <= kNoticeTextBytesMax && IsUtf8(text));
  return text;
}

Attach ReadAttach(WireReader& in) {
  Attach message;
  const auto flags = Flags(in, 7);
  message.resume = (flags & 1U) != 0;
  message.own = (flags & 2U) != 0;
  message.watch = (flags & 4U) != 0;
  message.column_count = Clamped(in, kColumnCountMax);
  message.row_count = Clamped(in, kRowCountMax);
  message.offset = Offset(in);
  message.limit = Offset(in);
  const auto client = in.Bytes(message.client.size());
  std::ranges::copy(client, message.client.begin());
  return message;
}

Input ReadInput(WireReader& in) {
  Input message;
  message.sequence = Offset(in);
  message.bytes = Numbered(in, message.sequence, 1);
  return message;
}

Attached ReadAttached(WireReader& in) {
  Attached message;
  const auto flags = Flags(in, 3);
  message.owner = (flags & 1U) != 0;
  message.exited = (flags & 2U) != 0;
  message.column_count = InRange(in, kColumnCountMax);
  message.row_count = InRange(in, kRowCountMax);
  message.offset = Offset(in);
  message.live = Offset(in);
  message.input = Offset(in);
  return message;
}

Exit ReadExit(WireReader& in) {
  Exit message;
  message.offset = Offset(in);
  message.signalled = Flags(in, 1) == 1;
  message.value = in.U32();
  in.Require(message.signalled ? (message.value >= 1 && message.value <= kSignalMax)
                               : message.value <= kExitCodeMax);
  return message;
}

Notice ReadNotice(WireReader& in) {
  Notice message;
  message.severity = Flags(in, 1) == 1 ? Severity::kWarning : Severity::kInformation;
  message.text = ShownText(in);
  return message;
}

Error ReadError(WireReader& in) {
  Error message;
  const auto code = in.U16();
  in.Require(code >= static_cast<std::uint16_t>(Failure::kNoTerminal) &&
             code <= static_cast<std::uint16_t>(Failure::kReplaced));
  message.code = static_cast<Failure>(code);
  message.text = ShownText(in);
  return message;
}

Output ReadOutput(WireReader& in) {
  Output message;
  message.offset = Offset(in);
  message.bytes = Numbered(in, message.offset, 1);
  return message;
}

Reset ReadReset(WireReader& in) {
  Reset message;
  message.offset = Offset(in);
  message.bytes = Numbered(in, message.offset, 0);
  return message;
}

ViewerMessage ReadViewer(WireReader& in) {
  switch (in.U8()) {
    case kAttach: return ReadAttach(in);
    case kInput: return ReadInput(in);
    case kCredit: return Credit{.limit = Offset(in)};
    case kResize: {
      Resize message;
      message.column_count = Clamped(in, kColumnCountMax);
      message.row_count = Clamped(in, kRowCountMax);
      return message;
    }
    case kOwn: return Own{};
    case kPing: return Ping{.token = in.U64()};
    default: in.Bad(); return Own{};
  }
}

TerminalMessage ReadTerminal(WireReader& in) {
  switch (in.U8()) {
    case kAttached: return ReadAttached(in);
    case kOutput: return ReadOutput(in);
    case kTaken: return Taken{.sequence = Offset(in)};
    case kSize: {
      Size message;
      message.owner = Flags(in, 1) == 1;
      message.column_count = InRange(in, kColumnCountMax);
      message.row_count = InRange(in, kRowCountMax);
      return message;
    }
    case kExit: return ReadExit(in);
    case kPong: return Pong{.token = in.U64()};
    case kReset: return ReadReset(in);
    case kNotice: return ReadNotice(in);
    case kError: return ReadError(in);
    default: in.Bad(); return Pong{};
  }
}

std::uint8_t Bits(bool bit0, bool bit1 = false, bool bit2 = false) {
  return static_cast<std::uint8_t>((bit0 ? 1U : 0U) | (bit1 ? 2U : 0U) | (bit2 ? 4U : 0U));
}

void PutType(std::string& out, Type type) { Put(out, static_cast<std::uint8_t>(type)); }

void PutOffset(std::string& out, std::uint64_t offset) {
  PADDOCK_CHECK(offset < kOffsetEnd);
  Put(out, offset);
}

void PutSize(std::string& out, std::uint16_t column_count, std::uint16_t row_count) {
  Put(out, column_count);
  Put(out, row_count);
}

}  // namespace

Result<ViewerMessage> ParseFromViewer(std::string_view message) {
  WireReader in(message);
  auto parsed = ReadViewer(in);
  if (!in.Done()) {
    return Fail(Code::kInvalid, "malformed message of a terminal's viewer");
  }
  return parsed;
}

Result<TerminalMessage> ParseFromTerminal(std::string_view message) {
  WireReader in(message);
  auto parsed = ReadTerminal(in);
  if (!in.Done()) {
    return Fail(Code::kInvalid, "malformed message of a terminal");
  }
  return parsed;
}

void Append(std::string& out, const Attach& message) {
  PutType(out, kAttach);
  Put(out, Bits(message.resume, message.own, message.watch));
  PutSize(out, message.column_count, message.row_count);
  PutOffset(out, message.offset);
  PutOffset(out, message.limit);
  out.append(message.client.data(), message.client.size());
}

void Append(std::string& out, const Input& message) {
  PADDOCK_CHECK(!message.bytes.empty() && message.bytes.size() <= kTerminalBytesMax);
  PutType(out, kInput);
  PutOffset(out, message.sequence);
  out.append(message.bytes);
}

void Append(std::string& out, const Credit& message) {
  PutType(out, kCredit);
  PutOffset(out, message.limit);
}

void Append(std::string& out, const Resize& message) {
  PutType(out, kResize);
  PutSize(out, message.column_count, message.row_count);
}

void Append(std::string& out, const Own& /*message*/) { PutType(out, kOwn); }

void Append(std::string& out, const Ping& message) {
  PutType(out, kPing);
  Put(out, message.token);
}

void Append(std::string& out, const Attached& message) {
  PutType(out, kAttached);
  Put(out, Bits(message.owner, message.exited));
  PutSize(out, message.column_count, message.row_count);
  PutOffset(out, message.offset);
  PutOffset(out, message.live);
  PutOffset(out, message.input);
}

void Append(std::string& out, const Output& message) {
  PADDOCK_CHECK(!message.bytes.empty() && message.bytes.size() <= kTerminalBytesMax);
  PutType(out, kOutput);
  PutOffset(out, message.offset);
  out.append(message.bytes);
}

void Append(std::string& out, const Taken& message) {
  PutType(out, kTaken);
  PutOffset(out, message.sequence);
}

void Append(std::string& out, const Size& message) {
  PutType(out, kSize);
  Put(out, Bits(message.owner));
  PutSize(out, message.column_count, message.row_count);
}

void Append(std::string& out, const Exit& message) {
  PutType(out, kExit);
  PutOffset(out, message.offset);
  Put(out, Bits(message.signalled));
  Put(out, message.value);
}

void Append(std::string& out, const Pong& message) {
  PutType(out, kPong);
  Put(out, message.token);
}

void Append(std::string& out, const Reset& message) {
  PADDOCK_CHECK(message.bytes.size() <= kTerminalBytesMax);
  PutType(out, kReset);
  PutOffset(out, message.offset);
  out.append(message.bytes);
}

void Append(std::string& out, const Notice& message) {
  PutType(out, kNotice);
  Put(out, static_cast<std::uint8_t>(message.severity));
  out.append(Printable(message.text, kNoticeTextBytesMax));
}

void Append(std::string& out, const Error& message) {
  PutType(out, kError);
  Put(out, static_cast<std::uint16_t>(message.code));
  out.append(Printable(message.text, kNoticeTextBytesMax));
}

void StoreOutputHeader(std::span<char, kOutputHeaderBytes> out, std::uint64_t offset) {
  PADDOCK_CHECK(offset < kOffsetEnd);
  out[0] = static_cast<char>(static_cast<std::uint8_t>(kOutput));
  Store(out.data() + 1, offset);
}

void ClampLimit(std::string& message, std::uint64_t limit_max) {
  const auto type = static_cast<std::uint8_t>(message.at(0));
  if (type != kAttach && type != kCredit) {
    return;
  }
  const auto at = type == kAttach ? kAttachLimitAt : kCreditLimitAt;
  WireReader in(std::string_view(message).substr(at));
  Store(message.data() + at, std::min(in.U64(), limit_max));
}

}  // namespace paddock::protocol::terminal
