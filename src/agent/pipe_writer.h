// PipeWriter: bytes on their way into a non-blocking pipe or socket.
//
// What it holds is bounded by twice the credit that its channel gave, which it gives back as the
// descriptor takes the bytes, also when the other side never takes all.
//
// Threading: loop thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "agent/loop.h"
#include "base/unique_fd.h"

namespace paddock::agent {

class PipeWriter {
 public:
  /// `on_taken` hears how many bytes have left. When the other side is gone, what comes is dropped
  /// and counts as taken.
  PipeWriter(Loop& loop, std::function<void(std::size_t)> on_taken);

  void Open(UniqueFd fd) { fd_ = std::move(fd); }

  void Write(std::string_view bytes);
  /// Closes once all has been written.
  void End();
  /// Closes now and drops what waits.
  void Close();
  [[nodiscard]] bool is_open() const noexcept { return static_cast<bool>(fd_); }

 private:
  void Flush();

  Loop& loop_;
  UniqueFd fd_;
  std::function<void(std::size_t)> on_taken_;
  std::string pending_;
  std::size_t written_ = 0;
  bool ended_ = false;
  Watch watch_;
};

}  // namespace paddock::agent
