// Every limit of the two protocols, in one place: docs/protocol/agent.md and terminal.md.
//
// Used by the agent and the server. Sizes are in bytes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace paddock::protocol {

inline constexpr std::uint16_t kVersion = 1;
inline constexpr std::uint32_t kHelloMagic = 0x50444b41;  // "PDKA"

// Frames.
inline constexpr std::size_t kFrameHeaderBytes = 9;
inline constexpr std::size_t kPayloadBytesMax = 65'536 + 64;
inline constexpr std::size_t kFrameBytesMax = kFrameHeaderBytes + kPayloadBytesMax;

// Channels and their credit.
inline constexpr int kChannelCountMax = 512;
inline constexpr std::uint32_t kAgentCreditInitial = 128U << 10U;  // what OPEN gives the client
inline constexpr std::uint32_t kCreditMax = 4U << 20U;
inline constexpr std::size_t kOutboxBytesHigh = 1U << 20U;
inline constexpr std::size_t kControlBytesMax = 1U << 20U;

// Fields.
inline constexpr std::size_t kTextBytesMax = 65'535;
inline constexpr std::size_t kPathBytesMax = 4'095;
inline constexpr std::size_t kNameBytesMax = 255;
inline constexpr std::size_t kErrorTextBytesMax = 1'024;
inline constexpr std::size_t kSoftwareTextBytesMax = 128;
inline constexpr std::size_t kArgumentCountMax = 1'024;
inline constexpr std::size_t kEnvironmentCountMax = 1'024;
inline constexpr std::uint32_t kListEntryCountMax = 10'000;
inline constexpr int kSignalMax = 64;

inline constexpr unsigned kDirectForwardBit = 0x80;  // of a forward's family

// Terminals.
inline constexpr int kTerminalCountMax = 64;
inline constexpr int kViewerCountMax = 16;
inline constexpr std::size_t kInfoArgumentBytesMax = 4'096;
inline constexpr std::size_t kTitleBytesMax = 255;
inline constexpr std::size_t kTerminalBytesMax = 65'536;  // of output or input in one message
inline constexpr std::size_t kTerminalMessageBytesMax = kTerminalBytesMax + 64;
inline constexpr std::size_t kOutputHeaderBytes = 9;
inline constexpr std::size_t kRingBytes = 1U << 20U;
inline constexpr std::uint64_t kOffsetEnd = std::uint64_t{1} << 53U;  // offsets are below this
inline constexpr std::uint64_t kViewerAheadBytesMax = 512U << 10U;
inline constexpr std::uint16_t kColumnCountMax = 1'000;
inline constexpr std::uint16_t kRowCountMax = 1'000;
inline constexpr std::size_t kNoticeTextBytesMax = 1'024;

static_assert(kTerminalMessageBytesMax <= kPayloadBytesMax);
static_assert(kAgentCreditInitial >= kPayloadBytesMax);

}  // namespace paddock::protocol
