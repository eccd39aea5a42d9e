#include "agent/pipe_writer.h"

#include <sys/socket.h>

#include <cerrno>

namespace paddock::agent {

PipeWriter::PipeWriter(Loop& loop, std::function<void(std::size_t)> on_taken)
    : loop_(loop), on_taken_(std::move(on_taken)) {}

void PipeWriter::Write(std::string_view bytes) {
  if (!fd_) {
    on_taken_(bytes.size());
    return;
  }
  pending_.append(bytes);
  Flush();
}

void PipeWriter::End() {
  ended_ = true;
  Flush();
}

void PipeWriter::Close() {
  watch_.Reset();
  if (fd_) {
    (void)shutdown(fd_.get(),
                   SHUT_WR);  // a socket may be held open by its reader; a pipe ignores it
  }
  fd_.Reset();
  const auto dropped = pending_.size() - written_;
  pending_ = {};
  written_ = 0;
  if (dropped > 0) {
    on_taken_(dropped);
  }
}

void PipeWriter::Flush() {
  std::size_t taken = 0;
  while (fd_ && written_ < pending_.size()) {
    const auto count = write(fd_.get(), pending_.data() + written_, pending_.size() - written_);
    if (count < 0 && errno == EAGAIN) {
      break;
    }
    if (count < 0 && errno != EINTR) {  // EPIPE: nobody reads any more
      Close();
      break;
    }
    if (count > 0) {
      written_ += static_cast<std::size_t>(count);
      taken += static_cast<std::size_t>(count);
    }
  }
  const bool waits = written_ < pending_.size();
  if (!waits) {
    pending_ = {};
    written_ = 0;
    if (ended_) {
      Close();
    }
  } else if (written_ >= pending_.size() / 2) {  // seldom, so that no byte is moved often
    pending_.erase(0, written_);
    written_ = 0;
  }
  if (fd_ && waits && !watch_) {
    watch_ = loop_.Add(fd_.get(), EPOLLOUT, [this](std::uint32_t) { Flush(); });
  } else if (!waits) {
    watch_.Reset();
  }
  if (taken > 0) {
    on_taken_(taken);
  }
}

}  // namespace paddock::agent
