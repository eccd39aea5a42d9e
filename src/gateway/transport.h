// Transport: the bytes of one accepted connection, plain or TLS, without buffers of its own.
//
// Used by the connection loop, and by WebSocket sessions once they took over. Reads and writes are
// plain non-blocking calls, tried at once; only when the kernel would block does anything wait. So
// a keep-alive request costs one wait, and an idle connection holds no buffer.
//
// Threading: loop thread only. At most one task may wait to read and one to write.
// Ownership: owns the descriptor and the TLS state.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <openssl/types.h>

#include "aio/task.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace paddock::gateway {

class Transport {
 public:
  /// `ssl` is null for plain connections, else a server-side SSL that takes over the descriptor.
  Transport(const boost::asio::any_io_executor& executor, UniqueFd fd, SSL* ssl);
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  /// Plain: nothing to do. Fails with kInvalid (no TLS client) or kCancelled.
  [[nodiscard]] aio::Task<Result<void>> Handshake();

  /// Reads at least one byte into `out`; waits only when there is none. Returns 0 at the end.
  /// kCancelled: Cancel() was called, or the connection broke.
  /// `out` may be scratch space: nothing is written to it before the wait is over.
  [[nodiscard]] aio::Task<Result<std::size_t>> Read(std::span<char> out);
  /// What Read can get without waiting; nullopt: it would have to wait.
  [[nodiscard]] std::optional<Result<std::size_t>> TryRead(std::span<char> out);

  /// Writes what the kernel takes of `pieces` without waiting. kCancelled: the connection broke.
  [[nodiscard]] Result<std::size_t> TryWrite(std::span<const iovec> pieces);
  /// Writes all of `pieces`, which are consumed; the bytes stay valid until the task is done.
  [[nodiscard]] aio::Task<Result<void>> Write(std::span<iovec> pieces);

  /// Makes waiting reads and writes fail with kCancelled; later ones work.
  void Cancel();
  /// The same for all that follow.
  void Abort();
  /// Lets the other tasks of the loop run. Read and Write do so by themselves after 64 KiB without
  /// a wait, so that a peer that is always ready does not keep the loop to itself.
  [[nodiscard]] aio::Task<void> Yield();
  [[nodiscard]] bool IsYieldDue() const noexcept;
  /// Nothing may wait any more.
  void Close();
  /// Tells the peer that nothing more comes; reading goes on.
  void ShutdownWrite();
  /// True when the peer has closed its side: nobody is left to read an answer.
  [[nodiscard]] bool PeerGone() const;
  /// Bytes that the kernel holds and the peer has not acknowledged.
  [[nodiscard]] std::size_t UnsentBytes() const;
  [[nodiscard]] bool secure() const noexcept { return ssl_ != nullptr; }
  /// Counts every byte that was moved: the sweeper's proof of progress.
  [[nodiscard]] std::uint64_t moved_bytes() const noexcept { return moved_bytes_; }

 private:
  [[nodiscard]] Result<std::size_t> TryWriteTls(std::span<const iovec> pieces);
  [[nodiscard]] aio::Task<Result<void>> Wait(bool to_write);

  boost::asio::posix::stream_descriptor descriptor_;
  SSL* ssl_;
  bool drained_ = true;            // the last read took all there was: wait before the next
  bool read_wants_write_ = false;  // TLS 1.2 renegotiation and the like
  bool write_wants_read_ = false;
  bool aborted_ = false;
  std::uint64_t moved_bytes_ = 0;
  std::uint64_t yielded_at_ = 0;  // moved_bytes_ when the loop last ran something else
};

/// Drops the first `count` bytes of `pieces`, and what has become empty.
void Advance(std::span<iovec>& pieces, std::size_t count) noexcept;

/// `bytes` must outlive the piece; hence no temporary string.
[[nodiscard]] inline iovec Piece(std::string_view bytes) noexcept {
  return {const_cast<char*>(bytes.data()), bytes.size()};  // NOLINT: iovec serves reads too
}
[[nodiscard]] inline iovec Piece(const char* literal) noexcept {
  return Piece(std::string_view(literal));
}
iovec Piece(std::string&& bytes) = delete;

}  // namespace paddock::gateway
