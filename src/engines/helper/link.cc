#include "engines/helper/link.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "engines/door/waiting.h"

namespace paddock::engines::helper {

Error Lost() {
  return {.code = Code::kUnavailable, .message = "the connection to the database was lost"};
}

Error Broken(Link& link) {
  link.Close();
  return {.code = Code::kUnavailable, .message = "the database's helper broke its protocol"};
}

Link::Link(const boost::asio::any_io_executor& executor, UniqueFd stream) : stream_(executor) {
  boost::system::error_code failure;
  stream_.assign(stream.get(), failure);
  if (!failure) {
    [[maybe_unused]] const int adopted = stream.Release();
  }
}

// The helper must hear of the end now, whoever else may hold a copy of the descriptor.
void Link::Close() {
  if (stream_.is_open()) {
    (void)shutdown(stream_.native_handle(), SHUT_RDWR);
  }
  boost::system::error_code ignored;
  stream_.close(ignored);
}

aio::Task<Result<void>> Link::Send(std::string frames, Deadline deadline) {
  // A CANCEL waits until the statement has left that it is about.
  auto pass = co_await sending_.Enter(deadline);
  if (!pass) {
    co_return Fail(std::move(pass).error());
  }
  auto sent = co_await SendAll(stream_, std::move(frames), deadline);
  if (!sent) {
    Close();
  }
  co_return sent;
}

Result<std::optional<sqlite_helper::Frame>> Link::Next() {
  auto frame = reader_.Next();
  if (!frame) {
    return Fail(Broken(*this));
  }
  return frame;
}

aio::Task<Result<void>> Link::Fill(Deadline deadline) {
  while (stream_.is_open()) {
    const auto space = reader_.Space();
    const auto count = recv(stream_.native_handle(), space.data(), space.size(), MSG_DONTWAIT);
    if (count > 0) {
      reader_.Commit(static_cast<std::size_t>(count));
      co_return Result<void>();
    }
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
      break;
    }
    auto readable = co_await WaitFor(stream_, kReadable, deadline);
    if (!readable) {
      co_return readable;
    }
  }
  Close();
  co_return Fail(Lost());
}

}  // namespace paddock::engines::helper
