#include "agent/worker_channel.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <variant>

#include "agent/descriptors.h"
#include "agent/files/file_work.h"
#include "agent/pipe.h"
#include "agent/pipe_writer.h"
#include "protocol/control.h"
#include "protocol/frame.h"

namespace paddock::agent {

namespace {

using protocol::FrameType;

// Each is a process; more at once only wait for the same disk.
constexpr int kWorkerCountMax = 32;

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

Result<void> DoWork(files::WorkerIo& io, const protocol::Request& request) {
  return std::visit(
      Overloaded{
          [&io](const protocol::StatRequest& asked) { return files::Stat(io, asked); },
          [&io](const protocol::ListRequest& asked) { return files::List(io, asked); },
          [&io](const protocol::ReadRequest& asked) { return files::Read(io, asked); },
          [&io](const protocol::WriteRequest& asked) { return files::Write(io, asked); },
          [&io](const protocol::MakeDirectoryRequest& asked) {
            return files::MakeDirectory(io, asked);
          },
          [&io](const protocol::MoveRequest& asked) { return files::Move(io, asked); },
          [&io](const protocol::RemoveRequest& asked) { return files::Remove(io, asked); },
          [&io](const protocol::TarReadRequest& asked) { return files::ReadTar(io, asked); },
          [&io](const protocol::TarWriteRequest& asked) { return files::WriteTar(io, asked); },
          [](const auto&) -> Result<void> { return Fail(Code::kInvalid, "not about files"); }},
      request);
}

bool TakesData(const protocol::Request& request) {
  return std::holds_alternative<protocol::WriteRequest>(request) ||
         std::holds_alternative<protocol::TarWriteRequest>(request);
}

// A record must arrive whole; bytes may be cut anywhere.
bool SendsRecords(const protocol::Request& request) {
  return std::holds_alternative<protocol::ListRequest>(request);
}

[[noreturn]] void RunWorker(const protocol::Request& request,
                            protocol::ChannelId channel,
                            std::array<int, 3> ends) {
  for (int target = 0; target < 3; ++target) {
    (void)dup2(ends.at(static_cast<std::size_t>(target)), target);
  }
  CloseFrom(3);  // the listener, the cgroups and every other channel
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  files::WorkerIo io(channel);
  const auto done = DoWork(io, request);
  if (!done) {
    std::string frame;
    protocol::AppendError(frame, channel, done.error());
    (void)io.SendFrame(frame);
  }
  _exit(0);
}

class WorkerChannel final : public Channel {
 public:
  WorkerChannel(Services& services, Line& channel_line, const protocol::Request& request)
      : Channel(channel_line),
        services_(services),
        takes_data_(TakesData(request)),
        sends_records_(SendsRecords(request)),
        input_(services.loop, [this](std::size_t count) { line().GiveCredit(count); }) {}

  ~WorkerChannel() override {
    if (pid_ < 0) {
      return;
    }
    services_.children.Forget(pid_);
    --running_count;
    if (takes_data_) {  // it has a temporary file to take back, and finds out that it should
      (void)!write(control_.get(), &files::kDataAborted, 1);
    } else if (!exited_) {
      (void)kill(pid_, SIGKILL);
    }
  }
  WorkerChannel(const WorkerChannel&) = delete;
  WorkerChannel& operator=(const WorkerChannel&) = delete;

  Result<void> Start(const protocol::Request& request) {
    Pipe input;
    Pipe answers;
    Pipe control;
    if (running_count >= kWorkerCountMax || !Open(input) || !Open(answers) || !Open(control)) {
      return Fail(Code::kExhausted, "too many file operations at once");
    }
    const pid_t pid = fork();
    if (pid == 0) {
      RunWorker(request, line().id(),
                {input.read_end.get(), answers.write_end.get(), control.read_end.get()});
    }
    if (pid < 0) {
      return Fail(Code::kExhausted, "no more processes");
    }
    pid_ = pid;
    ++running_count;
    services_.children.Expect(pid, [this](const ExitStatus&) { exited_ = true; });
    (void)fcntl(input.write_end.get(), F_SETFL, O_NONBLOCK);
    (void)fcntl(answers.read_end.get(), F_SETFL, O_NONBLOCK);
    input_.Open(std::move(input.write_end));
    control_ = std::move(control.write_end);
    answers_ = std::move(answers.read_end);
    watch_ = services_.loop.Add(answers_.get(), EPOLLIN, [this](std::uint32_t) { OnAnswers(); });
    return {};
  }

  bool OnData(std::string_view bytes) override {
    if (takes_data_) {
      input_.Write(bytes);
    }
    return takes_data_;
  }

  bool OnDataEnd() override {
    if (takes_data_) {
      (void)!write(control_.get(), &files::kDataComplete, 1);
      input_.End();
    }
    return takes_data_;
  }

  void OnRoom() override { Relay(); }

 private:
  void OnAnswers() {
    const auto space = reader_.Space();
    const auto got = read(answers_.get(), space.data(), space.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
      return;
    }
    if (got <= 0) {
      watch_.Reset();
      line().FinishWith(Error{.code = Code::kInternal, .message = "the file worker died"});
      return;
    }
    reader_.Commit(static_cast<std::size_t>(got));
    Relay();
  }

  // Passes frames on until the client's credit is used up; the worker then waits at its pipe.
  void Relay() {
    while (!line().is_finished()) {
      if (!waiting_.empty()) {
        const auto room = line().room();
        if (room == 0 || (sends_records_ && room < waiting_.size())) {
          watch_.SetEvents(0);  // until OnRoom
          return;
        }
        const auto count = std::min(room, waiting_.size());
        line().Send(FrameType::kData, std::string_view(waiting_).substr(0, count));
        waiting_.erase(0, count);
        continue;
      }
      const auto frame = reader_.Next();
      if (!frame) {
        line().FinishWith(Error{.code = Code::kInternal, .message = "the file worker failed"});
        return;
      }
      if (!frame->has_value()) {
        watch_.SetEvents(EPOLLIN);
        return;
      }
      Pass(**frame);
    }
    watch_.Reset();
  }

  void Pass(const protocol::Frame& frame) {
    if (frame.type == FrameType::kData) {
      waiting_ = frame.payload;
      return;
    }
    std::string whole;
    protocol::AppendFrame(whole, line().id(), frame.type, frame.payload);
    if (frame.type == FrameType::kReady) {
      line().SendFrame(whole);
    } else {
      line().FinishWith(std::string_view(whole));
    }
  }

  static inline int running_count = 0;  // of the process, as its children are

  Services& services_;
  bool takes_data_;
  bool sends_records_;
  pid_t pid_ = -1;
  bool exited_ = false;
  PipeWriter input_;
  UniqueFd control_;
  UniqueFd answers_;
  protocol::FrameReader reader_{protocol::Sender::kAgent};
  std::string waiting_;  // data that the client has no credit for yet
  Watch watch_;
};

}  // namespace

std::unique_ptr<Channel> OpenWorker(Services& services, Line& line, protocol::Request request) {
  auto channel = std::make_unique<WorkerChannel>(services, line, request);
  const auto started = channel->Start(request);
  if (!started) {
    line.FinishWith(started.error());
  }
  return channel;
}

}  // namespace paddock::agent
