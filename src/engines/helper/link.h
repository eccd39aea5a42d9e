// Link: the stream to one helper, as frames.
//
// While nobody asks, nothing is read: that is the back-pressure. Used by Exchange and by
// SqliteEngine. Threading: loop thread; one reader, any number of senders. Ownership: closes the
// stream, which ends the helper.
#pragma once

#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "aio/gate.h"
#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "sqlite_helper/protocol/frame.h"

namespace paddock::engines::helper {

class Link {
 public:
  Link(const boost::asio::any_io_executor& executor, UniqueFd stream);
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() { Close(); }

  /// Fails with kUnavailable, kDeadlineExceeded or kCancelled; what is sent in part only ends the
  /// link.
  [[nodiscard]] aio::Task<Result<void>> Send(std::string frames, Deadline deadline);

  /// The next frame, if it is here; it lives until Fill. Fails with kUnavailable: what came is not
  /// this protocol, and the link is closed.
  [[nodiscard]] Result<std::optional<sqlite_helper::Frame>> Next();
  /// Waits for more to come. Fails with kUnavailable (the link has ended), kDeadlineExceeded or
  /// kCancelled, after which it may be called again.
  [[nodiscard]] aio::Task<Result<void>> Fill(Deadline deadline);

  void Close();
  [[nodiscard]] bool is_open() const noexcept { return stream_.is_open(); }

 private:
  boost::asio::posix::stream_descriptor stream_;
  aio::Gate sending_;
  sqlite_helper::FrameReader reader_{sqlite_helper::Sender::kHelper};
};

/// What is said of a link that has ended.
[[nodiscard]] Error Lost();
/// Closes `link` and says why.
[[nodiscard]] Error Broken(Link& link);

}  // namespace paddock::engines::helper
