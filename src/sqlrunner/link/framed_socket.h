// FramedSocket: whole messages over a unix stream socket, with descriptors beside them.
//
// Used by both ends between the server and the SQL runner: one connection is one conversation, so
// that the kernel bounds what each may hold, and a tab that does not read stalls nobody else. A
// frame is a length (u32, big-endian, of what follows), a kind (u8) and the payload.
//
// Threading: loop thread; one Receive at a time, Sends go out in the order of the calls.
// Ownership: outlives its calls. A peer is hostile: frames and descriptors are bounded.
#pragma once

#include <sys/uio.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "aio/gate.h"
#include "aio/task.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace paddock::sqlrunner {

enum class FrameKind : std::uint8_t {
  kText = 1,  // a message of docs/protocol/sql.md, in either direction
  kDial,      // runner to server: a connection is wanted
  kDialled,   // server to runner: here it is; one descriptor comes along, or an address
  kRefused,   // server to runner: it cannot be had
  kEnd,       // runner to server: the last one; its payload is the close code, "1000" or "4000"
};
inline constexpr auto kLastFrameKind = FrameKind::kEnd;

inline constexpr std::size_t kFrameBytesMax = std::size_t{64} * 1024 * 1024;
inline constexpr std::size_t kGatheredBytesMax = std::size_t{64} * 1024;
inline constexpr std::chrono::milliseconds kGatherTimeMax{1};

struct Frame {
  FrameKind kind = FrameKind::kText;
  std::string payload;
  UniqueFd passed;
};

class FramedSocket {
 public:
  /// `socket` is connected and non-blocking.
  FramedSocket(const boost::asio::any_io_executor& executor, UniqueFd socket);
  FramedSocket(const FramedSocket&) = delete;
  FramedSocket& operator=(const FramedSocket&) = delete;
  ~FramedSocket();

  /// Completes when the kernel has taken the last byte. Fails with kUnavailable (the peer is gone),
  /// kInvalid (too long) or kCancelled; the socket is then of no more use.
  [[nodiscard]] aio::Task<Result<void>> Send(FrameKind kind,
                                             std::string_view payload,  // outlives the task
                                             int passed = -1);

  /// Takes a message that others follow soon, so that the peer is woken once for all of them. It
  /// leaves with the next Send, with kGatheredBytesMax together, or after kGatherTimeMax. Fails as
  /// Send; a peer that has gone shows later.
  [[nodiscard]] aio::Task<Result<void>> Gather(FrameKind kind, std::string_view payload);

  /// Whether a kText of at most `bytes_max` is here, so that the next Receive need not wait.
  [[nodiscard]] bool HasText(std::size_t bytes_max) const;

  /// Fails with kUnavailable (the peer is gone), kInvalid (it broke the form) or kCancelled.
  [[nodiscard]] aio::Task<Result<Frame>> Receive();

  /// Every call that waits fails with kCancelled, and every later one. Drops what was gathered.
  void Close();

  [[nodiscard]] bool is_open() const noexcept { return stream_.is_open(); }

 private:
  [[nodiscard]] Result<bool> TakeFrame(Frame& frame);  // false: more bytes are needed
  [[nodiscard]] Result<std::size_t> ReadSome();        // 0: nothing is there yet
  [[nodiscard]] Result<std::size_t> WriteSome(std::span<const iovec> pieces, int passed);
  [[nodiscard]] aio::Task<Result<void>> WriteAll(std::span<iovec> pieces, int passed);
  void FlushLater();
  void FlushNow();

  boost::asio::posix::stream_descriptor stream_;
  aio::Gate sending_;
  int sender_count_ = 0;     // in Send; who comes meanwhile queues up behind them
  std::string gathered_;     // empty while somebody is in Send
  std::string leaving_;      // what was gathered, on its way before a Send's own
  bool will_flush_ = false;  // a wait is under way that ends with FlushNow
  boost::asio::steady_timer patience_;
  std::shared_ptr<FramedSocket*> self_;  // for handlers that may outlive this
  std::string buffer_;
  std::size_t begin_ = 0;  // of what was not given out
  std::size_t end_ = 0;
  std::deque<UniqueFd> passed_;
  bool is_drained_ = true;  // the last read took all there was: wait before the next
};

}  // namespace paddock::sqlrunner
