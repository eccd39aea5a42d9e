// StreamRelay: bytes between two connected stream sockets, both ways, until both ways have ended.
//
// Used by forward_channel.h for connections that become a stream. The end of one way is passed on,
// and the other goes on. What one side does not take holds the other back: at most one read of
// each way is kept.
//
// Threading: loop thread. Ownership: closes both sockets.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "agent/loop.h"
#include "base/unique_fd.h"

namespace paddock::agent {

class StreamRelay {
 public:
  /// `on_end` is called once, from the loop, and must not drop this at once.
  StreamRelay(Loop& loop, UniqueFd one, UniqueFd other, std::function<void()> on_end);
  StreamRelay(const StreamRelay&) = delete;
  StreamRelay& operator=(const StreamRelay&) = delete;

 private:
  struct Side {
    Side* opposite;
    UniqueFd socket;
    std::string waiting;     // to be written to it
    bool has_ended = false;  // nothing more is read from it
    bool is_told = false;    // that nothing more comes
    Watch watch;
  };

  void OnEvents(Side& side, std::uint32_t events);
  static void Read(Side& side);
  static void Write(Side& side, std::string_view bytes);
  static void PassEnd(Side& side);
  void Arrange(Side& side);

  Loop& loop_;
  std::function<void()> on_end_;
  Side one_;
  Side other_;
};

}  // namespace paddock::agent
