// WorkerIo: what a worker process, which does file work for one channel, reads and says.
//
// A worker is a fork of the agent that may block. It finds the client's data on descriptor 0, the
// way back on 1, and on 2 whether the data is complete. All calls block; when the agent is gone or
// wants no more they fail with kCancelled, and the worker undoes its work and ends.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "protocol/answers.h"
#include "protocol/frame.h"

namespace paddock::agent::files {

/// What the control pipe holds once the client has sent everything, and once it gave up.
inline constexpr char kDataComplete = 'E';
inline constexpr char kDataAborted = 'A';

inline constexpr std::size_t kPieceBytes = 32U << 10U;

class WorkerIo {
 public:
  explicit WorkerIo(protocol::ChannelId channel) : channel_(channel) {}

  [[nodiscard]] protocol::ChannelId channel() const noexcept { return channel_; }

  /// Up to `size` bytes of the client's data; 0 when it is complete.
  [[nodiscard]] Result<std::size_t> Read(char* bytes, std::size_t size);
  /// Whole frames, or DATA.
  [[nodiscard]] Result<void> SendFrame(std::string_view frame);
  [[nodiscard]] Result<void> SendData(std::string_view bytes);

 private:
  protocol::ChannelId channel_;
  std::string frame_;
};

/// The error of a system call on `what`, as the protocol names it.
[[nodiscard]] std::unexpected<Error> FileError(int error_number, std::string_view what);

}  // namespace paddock::agent::files
