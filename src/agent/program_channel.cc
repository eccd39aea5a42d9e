#include "agent/program_channel.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "agent/pipe_writer.h"

namespace paddock::agent {

namespace {

using protocol::FrameType;

constexpr std::size_t kReadMax = 64U << 10U;
constexpr std::size_t kPathMax = 4'096;
constexpr std::string_view kSqliteHelper = "paddock-sqlite";

// Where it is mounted is where the agent itself was.
std::string PathOf(std::string_view program) {
  std::array<char, kPathMax> own{};
  const auto size = readlink("/proc/self/exe", own.data(), own.size());
  const std::string_view self(own.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
  return std::string(self.substr(0, self.rfind('/') + 1)) + std::string(program);
}

class ProgramChannel final : public Channel {
 public:
  ProgramChannel(Services& services, Line& channel_line)
      : Channel(channel_line),
        loop_(services.loop),
        writer_(loop_, [this](std::size_t count) { line().GiveCredit(count); }) {}

  Result<void> Start(Services& services, JobSpec spec) {
    JobHandlers handlers;
    handlers.on_started = [this](const Result<void>& started) { OnStarted(started); };
    handlers.on_end = [this](const JobEnd&) { OnEnd(); };
    auto started = services.jobs.Start(std::move(spec), std::move(handlers));
    if (!started) {
      return Fail(std::move(started).error());
    }
    job_ = std::move(started->handle);
    stream_ = std::move(started->spawned.input);
    writer_.Open(UniqueFd(fcntl(stream_.get(), F_DUPFD_CLOEXEC, 3)));
    watch_ = loop_.Add(stream_.get(), 0, [this](std::uint32_t) { OnReadable(); });
    return {};
  }

  bool OnData(std::string_view bytes) override {
    writer_.Write(bytes);
    return true;
  }

  bool OnDataEnd() override {
    writer_.End();
    return true;
  }

  void OnRoom() override {
    if (is_running_ && !is_read_) {
      watch_.SetEvents(EPOLLIN);
    }
  }

 private:
  void OnStarted(const Result<void>& started) {
    if (!started) {
      line().FinishWith(Error{.code = Code::kNotFound,
                              .message = "this machine is older than its helper for SQLite: stop "
                                         "it and start it again"});
      return;
    }
    is_running_ = true;
    line().SendReady();
    OnRoom();
  }

  void OnReadable() {
    const auto room = std::min(line().room(), kReadMax);
    if (room == 0) {
      watch_.SetEvents(0);  // until OnRoom
      return;
    }
    const auto got =
        line().SendFilled(FrameType::kData, room, [this](char* bytes, std::size_t size) {
          return recv(stream_.get(), bytes, size, MSG_DONTWAIT);
        });
    if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) {
      return;
    }
    watch_.Reset();
    is_read_ = true;
    line().SendEnd();
    FinishIfDone();
  }

  // Nothing of it holds the stream any more, so that what it said last is followed by the end.
  void OnEnd() {
    has_ended_ = true;
    writer_.Close();
    FinishIfDone();
  }

  void FinishIfDone() {
    if (is_read_ && has_ended_ && !line().is_finished()) {
      line().Finish();
    }
  }

  Loop& loop_;
  UniqueFd stream_;
  PipeWriter writer_;
  bool is_running_ = false;
  bool is_read_ = false;    // to its end
  bool has_ended_ = false;  // and all that it started
  Watch watch_;
  JobHandle job_;
};

JobSpec MakeJob(const Services& services) {
  JobSpec job;
  job.spawn.user = FindUser(0);
  job.spawn.argv = {PathOf(kSqliteHelper)};
  job.spawn.env = MakeEnvironment(services, job.spawn.user, {});
  job.spawn.cwd = "/";
  job.spawn.has_stream = true;
  return job;
}

}  // namespace

std::unique_ptr<Channel> OpenProgram(Services& services, Line& line) {
  auto channel = std::make_unique<ProgramChannel>(services, line);
  const auto started = channel->Start(services, MakeJob(services));
  if (!started) {
    line.FinishWith(started.error());
  }
  return channel;
}

}  // namespace paddock::agent
