// Viewer: what the Hub knows of one viewer. Used by hub*.cc only. Threading: one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "agent/terminal/hub.h"

namespace paddock::agent::terminal {

struct Viewer {
  enum class Stage : std::uint8_t {
    kOpen,      // nothing came yet
    kAttached,  //
    kFailed,    // ERROR is to be sent
    kFinished,  // the last message was handed out
  };

  Stage stage = Stage::kOpen;
  bool watch = false;
  ClientId client{};
  WindowSize size;
  std::uint64_t position = 0;        // the next byte to send
  std::uint64_t limit = 0;           // the first that must not be sent
  std::uint64_t live = 0;            // the end of the output when it attached
  std::uint64_t activity = 0;        // when it typed or attached, compared with other viewers
  std::size_t input_pending = 0;     // bytes of it that wait for the PTY
  std::uint64_t input_expected = 0;  // when it attached

  // What is to be sent next, in this order.
  bool attached_due = false;
  std::optional<std::string> reset;  // for `position`
  std::deque<std::uint64_t> pongs;
  bool size_due = false;
  bool taken_due = false;
  std::deque<std::string> notices;  // whole messages
  protocol::terminal::Failure failure = protocol::terminal::Failure::kProtocol;

  [[nodiscard]] bool attached() const noexcept { return stage == Stage::kAttached; }
};

}  // namespace paddock::agent::terminal
