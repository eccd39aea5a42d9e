// SocketReader: what comes from a stream socket becomes a channel's data, as the client has room.
//
// Used by forward_channel.h and program_channel.h. Threading: loop thread. Ownership: the socket is
// the caller's, and stays until this is gone.
#pragma once

#include <functional>

#include "agent/channel.h"
#include "agent/loop.h"

namespace paddock::agent {

class SocketReader {
 public:
  /// `on_end` is called once, when DATA_END has been sent.
  SocketReader(Loop& loop, Line& line, std::function<void()> on_end)
      : loop_(loop), line_(line), on_end_(std::move(on_end)) {}

  void Open(int socket);
  /// Of the channel.
  void OnRoom();
  [[nodiscard]] bool has_ended() const noexcept { return has_ended_; }

 private:
  void OnReadable();

  Loop& loop_;
  Line& line_;
  std::function<void()> on_end_;
  int socket_ = -1;
  bool has_ended_ = false;
  Watch watch_;
};

}  // namespace paddock::agent
