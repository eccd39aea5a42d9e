// Blocking sockets with deadlines, for the test client only.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace paddock::terminals::testing {

[[nodiscard]] Result<UniqueFd> ConnectUnix(const std::string& path);
/// To 127.0.0.1, without Nagle's delay.
[[nodiscard]] Result<UniqueFd> ConnectLoopback(std::uint16_t port);
[[nodiscard]] Result<void> SendAll(int fd, std::string_view bytes);
/// At least one byte. kDeadlineExceeded, or kUnavailable when the other side is gone.
[[nodiscard]] Result<std::size_t> ReceiveSome(int fd, std::span<char> space, Deadline deadline);

}  // namespace paddock::terminals::testing
