// FramedSocket: whole messages over a unix stream socket, with descriptors beside them.
//
// Used by both ends between the server and the SQL runner: one connection is one conversation, so
// that the kernel bounds what each may hold, and a tab that does not read stalls nobody else. A
// frame is a length (u32, big-endian, of what follows), a kind (u8) and the payload.
//
// Threading: loop thread; one Receive at a time, Sends go out in the order of the calls.
// Ownership: outlives its calls. A peer is hostile: frames and descriptors are bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "aio/gate.h"
#include "aio/task.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace paddock::sqlrunner {

enum class FrameKind : std::uint8_t {
  kText = 1,   // a message of docs/protocol/sql.md, in either direction
  kDial,       // runner to server: a connection is wanted
  kDialled,    // server to runner: here it is; one descriptor comes along, or an address
  kRefused,    // server to runner: it cannot be had
  kStatement,  // runner to server: a statement begins
  kEnd,        // runner to server: the last one; its payload is the close code, "1000" or "4000"
};
inline constexpr auto kLastFrameKind = FrameKind::kEnd;

inline constexpr std::size_t kFrameBytesMax = std::size_t{64} * 1024 * 1024;

struct Frame {
  FrameKind kind = FrameKind::kText;
  std::string payload;
  UniqueFd passed;
};

class FramedSocket {
 public:
  /// `socket` is connected and non-blocking.
  FramedSocket(const boost::asio::any_io_executor& executor, UniqueFd socket);

  /// Completes when the kernel has taken the last byte. Fails with kUnavailable (the peer is gone),
  /// kInvalid (too long) or kCancelled; the socket is then of no more use.
  [[nodiscard]] aio::Task<Result<void>> Send(FrameKind kind,
                                             std::string_view payload,  // outlives the task
                                             int passed = -1);

  /// Fails with kUnavailable (the peer is gone), kInvalid (it broke the form) or kCancelled.
  [[nodiscard]] aio::Task<Result<Frame>> Receive();

  /// Every call that waits fails with kCancelled, and every later one.
  void Close();

  [[nodiscard]] bool is_open() const noexcept { return stream_.is_open(); }

 private:
  [[nodiscard]] Result<bool> TakeFrame(Frame& frame);  // false: more bytes are needed
  [[nodiscard]] Result<std::size_t> ReadSome();        // 0: nothing is there yet
  [[nodiscard]] Result<std::size_t> WriteSome(std::string_view head,
                                              std::string_view payload,
                                              int passed);

  boost::asio::posix::stream_descriptor stream_;
  aio::Gate sending_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what was not given out
  std::size_t end_ = 0;
  std::deque<UniqueFd> passed_;
};

}  // namespace paddock::sqlrunner
