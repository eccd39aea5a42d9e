// FrameSource: what the pool sends to a worker, a frame at a time, and whether a stop is among it.
//
// Used by ServeChallenges, and by RunClock while a run goes on: the pool sends runs ahead, so a
// stop may stand behind others. The pool is trusted. Threading: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace paddock::runners::sqlite {

class FrameSource {
 public:
  explicit FrameSource(int socket) : socket_(socket) {}

  /// The next frame's payload, valid until the next call; nothing at the socket's end. Waits.
  [[nodiscard]] std::optional<std::string_view> Next();

  /// Whether the run `serial` is to end. Does not wait. The end of the pool is a stop too.
  [[nodiscard]] bool HasStop(std::uint32_t serial);

 private:
  bool Fill(std::size_t size);
  bool Receive(int flags);

  int socket_;
  std::string bytes_;    // what came, from the end of `current_` on
  std::string current_;  // the frame that is worked on
};

}  // namespace paddock::runners::sqlite
