#include "sqlite_helper/outbox.h"

#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace paddock::sqlite_helper {
namespace {

// More is given back, once a row as large as this has left.
constexpr std::size_t kKeptBytes = std::size_t{256} * 1024;

}  // namespace

void Outbox::Flush() {
  std::size_t sent = 0;
  while (sent < frames_.size() && !is_broken_) {
    const auto count = write(output_, frames_.data() + sent, frames_.size() - sent);
    if (count >= 0) {
      sent += static_cast<std::size_t>(count);
    } else {
      is_broken_ = errno != EINTR;
    }
  }
  frames_.clear();
  if (frames_.capacity() > kKeptBytes) {
    frames_.shrink_to_fit();
  }
}

}  // namespace paddock::sqlite_helper
