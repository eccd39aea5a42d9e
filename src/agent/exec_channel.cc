#include "agent/exec_channel.h"

#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "agent/pipe_writer.h"
#include "protocol/answers.h"

namespace paddock::agent {

namespace {

using protocol::FrameType;

constexpr std::size_t kReadMax = 64U << 10U;
constexpr std::size_t kFirstReadMax = 4096;
// READY has to stand before data only, and a short command is over before it is sent alone.
constexpr std::chrono::milliseconds kReadyHold{1};

// One of stdout and stderr: read while there is room, and past the limit read and dropped.
class OutputPipe {
 public:
  OutputPipe(Loop& loop,
             Line& line,
             FrameType type,
             std::uint64_t output_max,
             std::function<void()> before_data,
             std::function<void()> on_closed)
      : loop_(loop),
        line_(line),
        type_(type),
        left_(output_max),
        before_data_(std::move(before_data)),
        on_closed_(std::move(on_closed)) {}

  void Start(UniqueFd fd) {
    fd_ = std::move(fd);
    watch_ = loop_.Add(fd_.get(), 0, [this](std::uint32_t) { Read(); });
  }

  // The client was told that the program runs: from here on it takes data.
  void Begin() {
    has_begun_ = true;
    OnRoom();
  }

  // Reads what there is, as far as the client has room for it.
  void Read() {
    for (std::size_t total = 0; fd_ && total < kReadMax;) {
      if (left_in_pipe_ == 0) {
        Close();
        return;
      }
      const auto room = left_ == 0 ? kReadMax : std::min<std::size_t>(line_.room(), kReadMax);
      if (room == 0) {
        watch_.SetEvents(0);  // until OnRoom
        return;
      }
      const auto got = left_ == 0 ? Drop() : Send(std::min<std::uint64_t>(room, left_));
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got < 0 && errno == EAGAIN) {
        if (left_in_pipe_) {
          Close();
        }
        return;
      }
      if (got <= 0) {
        Close();
        return;
      }
      total += static_cast<std::size_t>(got);
      if (left_in_pipe_) {
        *left_in_pipe_ -= std::min(*left_in_pipe_, static_cast<std::uint64_t>(got));
      }
    }
  }

  void OnRoom() {
    if (fd_ && has_begun_) {
      watch_.SetEvents(EPOLLIN);
    }
  }

  // The command is over: what is in the pipe now is the end of it, whoever may still hold it open.
  void EndAtWhatIsThere() {
    int waiting = 0;
    if (fd_ && ioctl(fd_.get(), FIONREAD, &waiting) == 0) {
      left_in_pipe_ = static_cast<std::uint64_t>(waiting);
      watch_.SetEvents(EPOLLIN);
      Read();
    }
  }

  [[nodiscard]] bool is_open() const noexcept { return static_cast<bool>(fd_); }
  [[nodiscard]] bool was_cut() const noexcept { return was_cut_; }

 private:
  std::ptrdiff_t Send(std::uint64_t size_max) {
    const auto size = static_cast<std::size_t>(size_max);
    const auto got = before_data_ ? SendFirst(size)
                                  : line_.SendFilled(type_, size, [this](char* bytes, auto count) {
                                      return read(fd_.get(), bytes, count);
                                    });
    if (got > 0) {
      left_ -= static_cast<std::uint64_t>(got);
    }
    return got;
  }

  // Whether there is any is known only once it has been read.
  std::ptrdiff_t SendFirst(std::size_t size_max) {
    std::array<char, kFirstReadMax> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    const auto got = read(fd_.get(), bytes.data(), std::min(bytes.size(), size_max));
    if (got > 0) {
      std::exchange(before_data_, nullptr)();
      line_.Send(type_, {bytes.data(), static_cast<std::size_t>(got)});
    }
    return got;
  }

  std::ptrdiff_t Drop() {
    std::array<char, 4096> bytes{};
    const auto got = read(fd_.get(), bytes.data(), bytes.size());
    was_cut_ = was_cut_ || got > 0;
    return got;
  }

  void Close() {
    watch_.Reset();
    fd_.Reset();
    on_closed_();
  }

  Loop& loop_;
  Line& line_;
  FrameType type_;
  std::uint64_t left_;
  std::function<void()> before_data_;  // once
  std::function<void()> on_closed_;
  UniqueFd fd_;
  bool has_begun_ = false;
  bool was_cut_ = false;
  std::optional<std::uint64_t> left_in_pipe_;  // once the command is over
  Watch watch_;
};

class ExecChannel final : public Channel {
 public:
  ExecChannel(Services& services, Line& channel_line, Bytes output_max)
      : Channel(channel_line),
        loop_(services.loop),
        stdout_(MakeOutput(FrameType::kData, output_max)),
        stderr_(MakeOutput(FrameType::kErrorData, output_max)),
        input_(loop_, [this](std::size_t count) { line().GiveCredit(count); }) {}

  Result<void> Start(Services& services, JobSpec spec) {
    JobHandlers handlers;
    handlers.on_started = [this](const Result<void>& started) { OnStarted(started); };
    handlers.on_end = [this](const JobEnd& end) { OnEnd(end); };
    auto started = services.jobs.Start(std::move(spec), std::move(handlers));
    if (!started) {
      return Fail(std::move(started).error());
    }
    job_ = std::move(started->handle);
    pid_ = started->spawned.pid;
    if (started->spawned.input) {
      input_.Open(std::move(started->spawned.input));
    }
    stdout_.Start(std::move(started->spawned.output));
    stderr_.Start(std::move(started->spawned.error));
    return {};
  }

  bool OnData(std::string_view bytes) override {
    input_.Write(bytes);
    return true;
  }

  bool OnDataEnd() override {
    input_.End();
    return true;
  }

  bool OnSignal(protocol::Signal signal) override {
    job_.Signal(signal.signal, signal.scope == protocol::SignalScope::kEverything);
    return true;
  }

  void OnRoom() override {
    stdout_.OnRoom();
    stderr_.OnRoom();
  }

 private:
  OutputPipe MakeOutput(FrameType type, Bytes output_max) {
    return {
        loop_, line(), type, output_max.count, [this] { SendReady(); }, [this] { FinishIfDone(); }};
  }

  void OnStarted(const Result<void>& started) {
    if (!started) {
      line().FinishWith(started.error());
      return;
    }
    ready_timer_ = loop_.After(kReadyHold, [this] { SendReady(); });
    stdout_.Begin();
    stderr_.Begin();
  }

  void SendReady() {
    ready_timer_.Reset();
    if (!std::exchange(is_ready_told_, true)) {
      std::string frame;
      protocol::AppendProcessId(frame, line().id(), static_cast<std::uint32_t>(pid_));
      line().SendFrame(frame);
    }
  }

  void OnEnd(const JobEnd& end) {
    end_ = end;
    input_.Close();
    stdout_.EndAtWhatIsThere();
    stderr_.EndAtWhatIsThere();
    FinishIfDone();  // both may have ended long before
  }

  void FinishIfDone() {
    if (!end_ || stdout_.is_open() || stderr_.is_open() || line().is_finished()) {
      return;
    }
    const protocol::ExecOutcome outcome{.timed_out = end_->timed_out,
                                        .stdout_cut = stdout_.was_cut(),
                                        .stderr_cut = stderr_.was_cut(),
                                        .signalled = end_->status.signaled,
                                        .value = static_cast<std::uint32_t>(end_->status.value),
                                        .wall_time = end_->wall_time,
                                        .cpu_time = end_->status.cpu_time,
                                        .memory_peak = Bytes{end_->status.memory_peak_bytes}};
    SendReady();
    std::string frame;
    protocol::AppendOutcome(frame, line().id(), outcome);
    line().FinishWith(std::string_view(frame));
  }

  Loop& loop_;
  OutputPipe stdout_;
  OutputPipe stderr_;
  PipeWriter input_;
  pid_t pid_ = -1;
  bool is_ready_told_ = false;
  std::optional<JobEnd> end_;
  Timer ready_timer_;
  JobHandle job_;
};

JobSpec MakeJob(const Services& services, protocol::ExecRequest request) {
  JobSpec job;
  job.spawn.user = FindUser(request.uid);
  job.spawn.argv = std::move(request.argv);
  job.spawn.env = MakeEnvironment(services, job.spawn.user, request.env);
  job.spawn.cwd = request.cwd.empty() ? job.spawn.user.home : std::move(request.cwd);
  job.spawn.has_input = request.has_stdin;
  job.leaves_processes = request.leaves_processes;
  job.limits = {.memory_max_bytes = request.memory_max.count,
                .process_count_max = request.process_count_max};
  if (request.timeout.count() > 0) {
    job.timeout = request.timeout;
  }
  return job;
}

}  // namespace

std::unique_ptr<Channel> OpenExec(Services& services, Line& line, protocol::ExecRequest request) {
  auto channel = std::make_unique<ExecChannel>(services, line, request.output_max);
  const auto started = channel->Start(services, MakeJob(services, std::move(request)));
  if (!started) {
    line.FinishWith(started.error());
  }
  return channel;
}

}  // namespace paddock::agent
