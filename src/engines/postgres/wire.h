// Wire: PostgreSQL's messages over a socket, both ways.
//
// Reads into one buffer that grows with the message it waits for, to kMessageBytesMax: a row that
// is larger is skipped as it comes, and anything else that is larger ends the connection. While
// nobody asks, nothing is read: that is the back-pressure.
// Used by Exchange. Threading: loop thread; one reader and one writer. Ownership: closes the
// socket.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace paddock::engines::postgres {

inline constexpr std::size_t kMessageBytesMax = std::size_t{32} * 1024 * 1024;

struct Message {
  char type = '\0';
  std::string_view body;      // lives until the next call
  bool is_too_large = false;  // a row or a piece of a copy, whose body was skipped
};

class Wire {
 public:
  /// kUnavailable, for messages: none can be sent when the socket could not be registered.
  Wire(const boost::asio::any_io_executor& executor, UniqueFd socket);
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  /// Says goodbye, if it can at once, and closes.
  ~Wire();

  /// Fails with kUnavailable, kDeadlineExceeded or kCancelled; what is sent in part only ends the
  /// connection.
  [[nodiscard]] aio::Task<Result<void>> Send(std::string bytes, Deadline deadline);

  /// The next message, if it is here. Fails with kUnavailable: what came is not this protocol.
  [[nodiscard]] Result<std::optional<Message>> Next();
  /// Waits for more to come. Fails with kUnavailable (the connection has ended), kDeadlineExceeded
  /// or kCancelled, after which it may be called again.
  [[nodiscard]] aio::Task<Result<void>> Fill(Deadline deadline);

  void Close();
  [[nodiscard]] bool is_open() const noexcept { return socket_.is_open(); }

 private:
  [[nodiscard]] Result<std::optional<Message>> Broken(std::string_view why);
  [[nodiscard]] bool Skip();
  void MakeRoom();
  [[nodiscard]] std::string_view unread() const {
    return std::string_view(buffer_.data() + begin_, end_ - begin_);
  }

  boost::asio::posix::stream_descriptor socket_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool is_drained_ = true;  // the last read took all there was: wait before the next
  std::size_t wanted_ = 0;  // bytes of the message that is not complete
  std::size_t skip_ = 0;    // bytes of one that is too large
  char skipped_type_ = '\0';
};

}  // namespace paddock::engines::postgres
