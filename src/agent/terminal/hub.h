// Hub: one terminal of docs/protocol/terminal.md without its PTY: output ring, viewers, credit,
// ownership, numbered input and re-attach, as pure code.
//
// Used by the agent's event loop, which owns the PTY and the viewers' channels and tells the Hub
// what happened; and by tests, which have neither. After any call the loop asks again:
// output_room(), input(), TakeResize(), and Next() of every viewer.
//
// Threading: one thread. Ownership: views that are handed out stay valid until the next call of a
// non-const method. Errors: a viewer that breaks the protocol gets ERROR and is finished; nothing
// here fails. All that a viewer or a program sends is hostile.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agent/terminal/input_streams.h"
#include "agent/terminal/mode_tracker.h"
#include "agent/terminal/output_ring.h"
#include "protocol/limits.h"
#include "protocol/terminal_messages.h"

namespace paddock::agent::terminal {

/// One read of the PTY is never longer than this.
inline constexpr std::size_t kReadSizeMax = std::size_t{64} << 10U;
/// INPUT that a viewer sent and the PTY has not taken; beyond it the viewer is not read.
inline constexpr std::size_t kInputPendingMax = std::size_t{128} << 10U;
/// The same of all viewers together, also of those that are gone.
inline constexpr std::size_t kInputTotalMax = 16 * kInputPendingMax;
/// Pieces of it, which many clients that type in turn could make small.
inline constexpr std::size_t kInputPieceCountMax = 4096;
/// A piece takes no more once it has so many: the written part of one is kept until all of it is.
inline constexpr std::size_t kInputPieceMax = std::size_t{64} << 10U;
/// Answers and notices that wait for a viewer.
inline constexpr std::size_t kPongCountMax = 16;
inline constexpr std::size_t kNoticeCountMax = 8;
/// Next() hands out no message but OUTPUT when it may not be this large.
inline constexpr std::size_t kControlSizeMax = 2048;
/// For so long after the last viewer left, a program is stopped rather than let it push bytes out
/// of the ring that this viewer may not have received: a reconnect in time loses nothing.
inline constexpr std::chrono::seconds kReconnectGrace{15};
/// How long the first bytes of a character wait for the rest.
inline constexpr std::chrono::milliseconds kPartialCharacterHold{50};
/// Between the two changes of size that make a full-screen program draw again, and between such
/// pairs: programs look at the size, so the second must not overtake the first.
inline constexpr std::chrono::milliseconds kNudgePause{100};
inline constexpr std::chrono::milliseconds kNudgeInterval{1000};

struct WindowSize {
  std::uint16_t column_count = 80;
  std::uint16_t row_count = 24;
  friend bool operator==(WindowSize, WindowSize) = default;
};

struct ExitStatus {
  bool by_signal = false;
  std::uint32_t value = 0;  // exit code or signal number
};

using ViewerId = std::uint32_t;

struct Viewer;

/// One message for a viewer: the concatenation of the three, in order.
struct OutgoingMessage {
  std::string head;
  std::array<std::string_view, 2> body;  // into the ring

  [[nodiscard]] std::size_t size() const noexcept {
    return head.size() + body[0].size() + body[1].size();
  }
  [[nodiscard]] std::string Joined() const;
};

class Hub {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// `ring_size_max` is smaller in tests only.
  explicit Hub(WindowSize size, std::size_t ring_size_max = protocol::kRingBytes);
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;
  ~Hub();

  // The program's side.

  /// How many bytes may be read from the PTY now; zero: leave it unread, which stops the program.
  [[nodiscard]] std::size_t output_room() const noexcept;
  /// Takes what was read, at most output_room() bytes.
  void OnOutput(std::string_view bytes, TimePoint now);
  /// The program is gone and the last byte it printed went through OnOutput.
  void OnExit(ExitStatus status);
  /// Bytes to write to the PTY next; empty when there are none.
  [[nodiscard]] std::string_view input() const noexcept;
  void OnInputWritten(std::size_t count);
  /// A size to set on the PTY now. Ask until it is empty.
  [[nodiscard]] std::optional<WindowSize> TakeResize() noexcept;

  // The viewers' side.

  /// A channel was opened. Its first message has to be ATTACH.
  [[nodiscard]] ViewerId Open();
  /// False while messages of this viewer are to be left unread: its input is not taken.
  [[nodiscard]] bool wants_message(ViewerId id) const;
  void OnMessage(ViewerId id, std::string_view message, TimePoint now);
  /// The next message to send, of at most `size_max` bytes (the channel's credit); none for now
  /// when empty. Messages other than OUTPUT wait until it is kControlSizeMax.
  [[nodiscard]] std::optional<OutgoingMessage> Next(ViewerId id, std::size_t size_max);
  /// The last message (EXIT or ERROR) was handed out: close the channel once it is sent.
  [[nodiscard]] bool is_finished(ViewerId id) const;
  /// The channel is gone; `id` is unknown from here on.
  void Close(ViewerId id, TimePoint now);
  /// Shows `text` (UTF-8) to every viewer, in the page, not on the screen.
  void Notice(protocol::terminal::Severity severity, std::string_view text);

  // Time, for the loop's timer.

  [[nodiscard]] std::optional<TimePoint> wake_at() const noexcept;
  void OnTimer(TimePoint now);

  // What ListTerminals shows.

  [[nodiscard]] WindowSize size() const noexcept { return size_; }
  [[nodiscard]] int viewer_count() const noexcept;
  [[nodiscard]] bool exited() const noexcept { return exit_.has_value(); }
  /// Bytes printed since the terminal was opened.
  [[nodiscard]] std::uint64_t output_end() const noexcept { return ring_.end(); }

 private:
  struct PendingInput {
    ClientId client;
    ViewerId viewer;
    std::string bytes;
  };
  struct FreshStart {
    std::uint64_t offset;
    std::string bytes;
  };

  [[nodiscard]] Viewer* Find(ViewerId id) noexcept;
  [[nodiscard]] const Viewer* Find(ViewerId id) const noexcept;

  void OnAttach(ViewerId id, Viewer& viewer, const protocol::terminal::Attach& message);
  void OnInput(ViewerId id, Viewer& viewer, const protocol::terminal::Input& message);
  void OnAttachedMessage(ViewerId id,
                         Viewer& viewer,
                         const protocol::terminal::ViewerMessage& message);
  [[nodiscard]] bool NeedsStreamOf(const ClientId& client) const;
  [[nodiscard]] bool Replace(const ClientId& client, ViewerId by);
  void FailViewer(ViewerId id, Viewer& viewer, protocol::terminal::Failure code);

  [[nodiscard]] FreshStart MakeFreshStart();
  void CatchUp(Viewer& viewer);
  [[nodiscard]] std::optional<OutgoingMessage> NextControl(ViewerId id, Viewer& viewer);
  [[nodiscard]] std::optional<OutgoingMessage> NextOutput(Viewer& viewer, std::size_t size_max);
  [[nodiscard]] std::uint64_t TakenBy(const ClientId& client) const noexcept;

  void MakeOwner(ViewerId id);
  void ChooseOwner();
  void SetSize(WindowSize size);
  void Nudge();

  OutputRing ring_;
  ModeTracker tail_modes_;  // the terminal's modes after all bytes before ring_.begin()
  InputStreams streams_;
  std::deque<PendingInput> pending_input_;
  std::size_t input_size_ = 0;     // bytes in pending_input_
  std::size_t front_written_ = 0;  // bytes of the first piece that the PTY has
  std::map<ViewerId, std::unique_ptr<Viewer>> viewers_;
  ViewerId next_viewer_ = 1;
  std::optional<ViewerId> owner_;
  std::uint64_t activity_count_ = 0;  // orders viewers by their last key or attach

  WindowSize size_;
  std::deque<WindowSize> resizes_;  // at most two
  std::optional<TimePoint> nudge_ends_at_;
  TimePoint nudge_allowed_at_;

  std::optional<ExitStatus> exit_;
  TimePoint now_;                  // of the last event
  std::uint64_t followed_to_ = 0;  // what the last viewer to leave had been sent
  std::optional<TimePoint> grace_ends_at_;
  std::size_t partial_size_ = 0;  // bytes at the end that wait for the rest of their character
  std::optional<TimePoint> partial_ends_at_;
};

}  // namespace paddock::agent::terminal
