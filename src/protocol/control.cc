#include "protocol/control.h"

#include "base/check.h"
#include "protocol/text.h"
#include "protocol/wire.h"

namespace paddock::protocol {
namespace {

// The codes on the wire are the enumerators' values, which this pins.
static_assert(static_cast<int>(Code::kInvalid) == 0 && static_cast<int>(Code::kNotFound) == 1 &&
              static_cast<int>(Code::kConflict) == 2 && static_cast<int>(Code::kDenied) == 3 &&
              static_cast<int>(Code::kExhausted) == 4 &&
              static_cast<int>(Code::kDeadlineExceeded) == 5 &&
              static_cast<int>(Code::kCancelled) == 6 &&
              static_cast<int>(Code::kUnavailable) == 7 && static_cast<int>(Code::kInternal) == 8 &&
              static_cast<int>(Code::kDiskFull) == 9 && kLastCode == Code::kDiskFull);

void AppendFailure(std::string& out, ChannelId channel, FrameType type, const Error& error) {
  std::string payload;
  Put(payload, static_cast<std::uint8_t>(error.code));
  PutText(payload, Printable(error.message, kErrorTextBytesMax));
  AppendFrame(out, channel, type, payload);
}

}  // namespace

void AppendHello(std::string& out, const Hello& hello) {
  std::string payload;
  Put(payload, kHelloMagic);
  Put(payload, hello.version);
  Put(payload, hello.features);
  PutText(payload, Printable(hello.software, kSoftwareTextBytesMax));
  AppendFrame(out, kConnectionChannel, FrameType::kHello, payload);
}

Result<Hello> DecodeHello(std::string_view payload) {
  WireReader in(payload);
  Hello hello;
  in.Require(in.U32() == kHelloMagic);
  hello.version = in.U16();
  hello.features = in.U32();
  hello.software = Printable(in.Text(kSoftwareTextBytesMax), kSoftwareTextBytesMax);
  if (!in.Done()) {
    return Fail(Code::kInvalid, "malformed HELLO");
  }
  return hello;
}

void AppendGoAway(std::string& out, const Error& error) {
  AppendFailure(out, kConnectionChannel, FrameType::kGoAway, error);
}

void AppendError(std::string& out, ChannelId channel, const Error& error) {
  AppendFailure(out, channel, FrameType::kError, error);
}

Result<Error> DecodeError(std::string_view payload) {
  WireReader in(payload);
  const auto code = in.U8();
  in.Require(code <= static_cast<std::uint8_t>(kLastCode));
  const auto message = in.Text(kErrorTextBytesMax);
  if (!in.Done()) {
    return Fail(Code::kInvalid, "malformed ERROR");
  }
  return Error{.code = static_cast<Code>(code), .message = Printable(message, kErrorTextBytesMax)};
}

void AppendClose(std::string& out, ChannelId channel) {
  AppendFrame(out, channel, FrameType::kClose, {});
}

void AppendWindow(std::string& out, ChannelId channel, std::uint32_t credit) {
  char payload[sizeof(credit)];
  Store(payload, credit);
  AppendFrame(out, channel, FrameType::kWindow, std::string_view(payload, sizeof(payload)));
}

Result<std::uint32_t> DecodeWindow(std::string_view payload) {
  WireReader in(payload);
  const auto credit = in.U32();
  if (!in.Done() || credit == 0 || credit > kCreditMax) {
    return Fail(Code::kInvalid, "malformed WINDOW");
  }
  return credit;
}

void AppendDataEnd(std::string& out, ChannelId channel) {
  AppendFrame(out, channel, FrameType::kDataEnd, {});
}

void AppendEmpty(std::string& out, ChannelId channel, FrameType type) {
  PADDOCK_CHECK(type == FrameType::kReady || type == FrameType::kResult);
  AppendFrame(out, channel, type, {});
}

Result<void> DecodeEmpty(std::string_view payload) {
  if (!payload.empty()) {
    return Fail(Code::kInvalid, "answer with unexpected fields");
  }
  return {};
}

}  // namespace paddock::protocol
