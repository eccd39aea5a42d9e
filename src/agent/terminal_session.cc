#include "agent/terminal_session.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <array>
#include <cerrno>

#include "agent/file_text.h"

namespace paddock::agent {

namespace {

// A PTY gives at most 4 KiB at a time, so a larger buffer would only be memory.
constexpr std::size_t kPtyReadBytes = 4096;
// A terminal whose program closed it looks for one that opens it again.
constexpr std::chrono::milliseconds kReopenPause{100};

// What a hang-up leaves to the programs of a terminal that is closed.
constexpr std::chrono::milliseconds kCloseGrace{300};

}  // namespace

TerminalSession::TerminalSession(Loop& loop,
                                 TerminalId id,
                                 std::vector<std::string> argv,
                                 terminal::WindowSize size)
    : loop_(loop),
      id_(std::move(id)),
      argv_(std::move(argv)),
      hub_(size),
      created_at_(std::chrono::system_clock::now()),
      active_at_(created_at_) {}

TerminalSession::~TerminalSession() = default;

Result<void> TerminalSession::Start(Jobs& jobs,
                                    JobSpec spec,
                                    std::function<void(Result<void>)> on_started) {
  JobHandlers handlers;
  handlers.on_started = std::move(on_started);
  handlers.on_end = [this](const JobEnd& end) { OnEnd(end); };
  auto started = jobs.Start(std::move(spec), std::move(handlers));
  if (!started) {
    return Fail(std::move(started).error());
  }
  job_ = std::move(started->handle);
  pty_ = std::move(started->spawned.input);
  watch_ = loop_.Add(pty_.get(), EPOLLIN, [this](std::uint32_t events) { OnPtyEvents(events); });
  return {};
}

void TerminalSession::Close(std::function<void()> on_closed) {
  if (end_) {
    on_closed();
    return;
  }
  closing_ = true;
  closers_.push_back(std::move(on_closed));
  job_.End(kCloseGrace);
}

terminal::ViewerId TerminalSession::Attach(TerminalViewer& viewer) {
  const auto id = hub_.Open();
  viewers_[id] = &viewer;
  return id;
}

void TerminalSession::Detach(terminal::ViewerId viewer) {
  viewers_.erase(viewer);
  hub_.Close(viewer, Loop::Clock::now());
  Settle();
}

void TerminalSession::OnPtyEvents(std::uint32_t events) {
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
    ReadPty();
  }
  Settle();
}

// One turn takes what there is, up to one message's worth: then everybody else has a turn.
void TerminalSession::ReadPty() {
  std::array<char, kPtyReadBytes> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  drained_ = false;
  for (std::size_t total = 0; total < terminal::kReadSizeMax;) {
    const auto room = std::min(hub_.output_room(), bytes.size());
    if (room == 0) {
      return;
    }
    const auto got = read(pty_.get(), bytes.data(), room);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      drained_ = true;
      if (got == 0 || errno != EAGAIN) {  // EIO: nobody has it open
        watch_.SetEvents(0);
        reopen_timer_ = loop_.After(kReopenPause, [this] { Settle(); });
      }
      return;
    }
    total += static_cast<std::size_t>(got);
    active_at_ = std::chrono::system_clock::now();
    hub_.OnOutput({bytes.data(), static_cast<std::size_t>(got)}, Loop::Clock::now());
  }
}

void TerminalSession::WritePty() {
  while (pty_ && !hub_.input().empty()) {
    const auto input = hub_.input();
    const auto written = write(pty_.get(), input.data(), input.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      if (errno != EAGAIN) {
        hub_.OnInputWritten(input.size());  // nobody will ever read it
      }
      return;
    }
    active_at_ = std::chrono::system_clock::now();
    hub_.OnInputWritten(static_cast<std::size_t>(written));
  }
}

void TerminalSession::ApplySizes() {
  while (const auto size = hub_.TakeResize()) {
    if (pty_) {
      const winsize window{
          .ws_row = size->row_count, .ws_col = size->column_count, .ws_xpixel = 0, .ws_ypixel = 0};
      (void)ioctl(pty_.get(), TIOCSWINSZ, &window);
    }
  }
}

void TerminalSession::Settle() {
  if (settling_) {
    return;
  }
  settling_ = true;
  WritePty();
  ApplySizes();
  EndIfDrained();
  for (auto next = viewers_.begin(); next != viewers_.end();) {
    const auto id = next->first;
    next->second->Pump();
    next = viewers_.upper_bound(id);  // any viewer may have left while this one was served
  }
  WritePty();  // what the viewers had to wait with
  ApplySizes();
  settling_ = false;
  WaitForMore();
}

void TerminalSession::WaitForMore() {
  if (pty_) {
    const bool reads = hub_.output_room() > 0 && !reopen_timer_;
    watch_.SetEvents((reads ? EPOLLIN : 0U) | (hub_.input().empty() ? 0U : EPOLLOUT));
  }
  hub_timer_.Reset();
  if (const auto wake_at = hub_.wake_at()) {
    hub_timer_ = loop_.At(*wake_at, [this] {
      hub_.OnTimer(Loop::Clock::now());
      Settle();
    });
  }
}

void TerminalSession::OnEnd(const JobEnd& end) {
  end_ = end;
  Settle();
  for (const auto& closer : std::exchange(closers_, {})) {
    closer();
  }
}

// Every process is dead: what the PTY still holds is the last of the output.
void TerminalSession::EndIfDrained() {
  if (!end_ || !pty_) {
    return;
  }
  // What was true at the last read says nothing of now, and without room nothing is read.
  drained_ = false;
  while (hub_.output_room() > 0) {
    ReadPty();
    if (drained_) {
      break;
    }
  }
  if (!drained_ && !closing_) {
    return;  // the viewers have to take some of it first
  }
  reopen_timer_.Reset();
  watch_.Reset();
  pty_.Reset();
  hub_.OnExit({.by_signal = end_->status.signaled,
               .value = static_cast<std::uint32_t>(end_->status.value)});
}

std::string TerminalSession::Title() const {
  pid_t group = 0;
  if (!pty_ || ioctl(pty_.get(), TIOCGPGRP, &group) != 0 || group <= 0) {
    return {};
  }
  auto name = ReadSmallFile(AT_FDCWD, ("/proc/" + std::to_string(group) + "/comm").c_str());
  if (name && name->ends_with('\n')) {
    name->pop_back();
  }
  return name.value_or("");
}

protocol::TerminalRecord TerminalSession::Describe() const {
  using std::chrono::microseconds;
  using std::chrono::time_point_cast;
  protocol::TerminalRecord record;
  record.id = id_;
  record.argv = argv_;
  record.title = Title();
  record.column_count = hub_.size().column_count;
  record.row_count = hub_.size().row_count;
  record.exited = hub_.exited();
  record.viewer_count = static_cast<std::uint16_t>(hub_.viewer_count());
  record.created_at = time_point_cast<microseconds>(created_at_);
  record.active_at = time_point_cast<microseconds>(active_at_);
  return record;
}

}  // namespace paddock::agent
