// Frames that every channel or the connection itself has: greeting, credit, ends and errors.
//
// Append functions append whole frames, header included. Decoders take a payload that came through
// FrameReader, copy what they keep, and fail with kInvalid and a message fit for the other side.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "protocol/frame.h"

namespace paddock::protocol {

inline constexpr std::uint32_t kFeatureExecCgroups = 1;
inline constexpr std::uint32_t kFeatureDirectForwards = 2;

struct Hello {
  std::uint16_t version = kVersion;
  std::uint32_t features = 0;
  std::string software;  // for people
  friend bool operator==(const Hello&, const Hello&) = default;
};

// The connection.
void AppendHello(std::string& out, const Hello& hello);
[[nodiscard]] Result<Hello> DecodeHello(std::string_view payload);
/// The message is made printable and cut to kErrorTextBytesMax, in both directions.
void AppendGoAway(std::string& out, const Error& error);
void AppendError(std::string& out, ChannelId channel, const Error& error);
/// For GOAWAY and ERROR.
[[nodiscard]] Result<Error> DecodeError(std::string_view payload);

// Any channel.
void AppendClose(std::string& out, ChannelId channel);
void AppendWindow(std::string& out, ChannelId channel, std::uint32_t credit);
[[nodiscard]] Result<std::uint32_t> DecodeWindow(std::string_view payload);
void AppendDataEnd(std::string& out, ChannelId channel);

/// READY or RESULT (`type`) without fields.
void AppendEmpty(std::string& out, ChannelId channel, FrameType type);
[[nodiscard]] Result<void> DecodeEmpty(std::string_view payload);

}  // namespace paddock::protocol
