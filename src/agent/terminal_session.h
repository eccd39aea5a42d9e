// TerminalSession: one program on a PTY, and the viewers that the Hub keeps for it.
//
// The Hub (terminal/hub.h) decides everything; this moves bytes between it, the PTY and the
// channels. The program runs on with no viewer at all, and with no connection.
//
// Threading: loop thread. Ownership: shared by the table of terminals (until closed) and by every
// attached channel.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/jobs.h"
#include "agent/loop.h"
#include "agent/terminal/hub.h"
#include "protocol/answers.h"

namespace paddock::agent {

/// Who takes a viewer's messages: an attach channel.
class TerminalViewer {
 public:
  virtual ~TerminalViewer() = default;
  /// The hub may have messages for this viewer, or take its messages again.
  virtual void Pump() = 0;
};

class TerminalSession {
 public:
  TerminalSession(Loop& loop,
                  TerminalId id,
                  std::vector<std::string> argv,
                  terminal::WindowSize size);
  ~TerminalSession();
  TerminalSession(const TerminalSession&) = delete;
  TerminalSession& operator=(const TerminalSession&) = delete;

  /// Starts the program. `on_started` hears, later, whether it runs. Fails as Jobs::Start does.
  [[nodiscard]] Result<void> Start(Jobs& jobs,
                                   JobSpec spec,
                                   std::function<void(Result<void>)> on_started);

  /// Hangs up, and soon kills everything that it ever started; `on_closed` is called when nothing
  /// of it is left, and every viewer gets its EXIT.
  void Close(std::function<void()> on_closed);

  [[nodiscard]] terminal::Hub& hub() noexcept { return hub_; }
  [[nodiscard]] terminal::ViewerId Attach(TerminalViewer& viewer);
  void Detach(terminal::ViewerId viewer);
  /// After anything that the hub was told: moves what can be moved, and sets what to wait for.
  void Settle();

  [[nodiscard]] protocol::TerminalRecord Describe() const;

 private:
  void OnPtyEvents(std::uint32_t events);
  void ReadPty();
  void WritePty();
  void ApplySizes();
  void OnEnd(const JobEnd& end);
  void EndIfDrained();
  void WaitForMore();
  [[nodiscard]] std::string Title() const;

  Loop& loop_;
  TerminalId id_;
  std::vector<std::string> argv_;
  terminal::Hub hub_;
  std::map<terminal::ViewerId, TerminalViewer*> viewers_;
  std::optional<JobEnd> end_;
  std::vector<std::function<void()>> closers_;
  std::chrono::system_clock::time_point created_at_;
  std::chrono::system_clock::time_point active_at_;
  bool closing_ = false;
  bool drained_ = false;   // the PTY holds nothing more, now
  bool settling_ = false;  // Settle calls viewers, which may call it
  UniqueFd pty_;
  Watch watch_;
  Timer hub_timer_;
  Timer reopen_timer_;
  JobHandle job_;
};

}  // namespace paddock::agent
