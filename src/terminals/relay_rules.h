// RelayRules: what the server lets pass between a viewer and a terminal, as pure code.
//
// Used by Relay, for both directions: the browser is hostile, and so is the agent, which lives in
// the sandbox. Keeps the order of messages and the credit; the form is checked by protocol/.
// Threading: loop thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace paddock::terminals {

class RelayRules {
 public:
  enum class ViewerAction : std::uint8_t {
    kForward,  // send it on
    kResize,   // send it on, or a later one in its place
    kNone,     // it is dealt with
    kBroken,   // the viewer breaks the protocol
  };
  enum class AgentAction : std::uint8_t {
    kForward,
    kOutput,       // forward; may be joined with the OUTPUT before it
    kForwardLast,  // EXIT or ERROR: forward, then close the socket with close_code()
    kBroken,       // the agent breaks the protocol
  };

  /// Looks at a message of the viewer, and lowers the limit of an ATTACH to what the server allows.
  [[nodiscard]] ViewerAction OnViewer(std::string& message);
  [[nodiscard]] AgentAction OnAgent(std::string_view message);

  /// The viewer's socket has taken all output before `offset`.
  void OnDelivered(std::uint64_t offset);
  /// Whether TakeCreditDue has something to tell: else nobody need be woken for it.
  [[nodiscard]] bool IsCreditDue() const;
  /// The limit to tell the agent now, if it is worth a message; counts as told.
  [[nodiscard]] std::optional<std::uint64_t> TakeCreditDue();

  /// Where the output that was let through ends.
  [[nodiscard]] std::uint64_t next() const noexcept { return next_; }
  [[nodiscard]] std::uint16_t close_code() const noexcept { return close_code_; }

 private:
  enum class Stage : std::uint8_t { kNew, kAttaching, kAttached, kOver };

  /// What may be granted in all by now.
  [[nodiscard]] std::uint64_t Target() const;
  [[nodiscard]] AgentAction OnOutput(std::uint64_t offset, std::uint64_t size);

  Stage stage_ = Stage::kNew;
  std::uint64_t window_ = 0;        // the limit that ATTACH named
  std::uint64_t viewer_limit_ = 0;  // what the viewer grants
  std::uint64_t granted_ = 0;       // what the agent was told
  std::uint64_t next_ = 0;          // the offset that the agent has to go on at
  std::uint64_t delivered_ = 0;
  std::uint16_t close_code_ = 1000;
};

}  // namespace paddock::terminals
