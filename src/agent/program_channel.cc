#include "agent/program_channel.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "agent/pipe_writer.h"
#include "agent/socket_reader.h"

namespace paddock::agent {

namespace {

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
        writer_(services.loop, [this](std::size_t count) { line().GiveCredit(count); }),
        reader_(services.loop, line(), [this] { FinishIfDone(); }) {}

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

  void OnRoom() override { reader_.OnRoom(); }

 private:
  void OnStarted(const Result<void>& started) {
    if (!started) {
      line().FinishWith(Error{.code = Code::kNotFound,
                              .message = "this machine is older than its helper for SQLite: stop "
                                         "it and start it again"});
      return;
    }
    line().SendReady();
    reader_.Open(stream_.get());
  }

  // Nothing of it holds the stream any more, so that what it said last is followed by the end.
  void OnEnd() {
    has_ended_ = true;
    writer_.Close();
    FinishIfDone();
  }

  void FinishIfDone() {
    if (reader_.has_ended() && has_ended_ && !line().is_finished()) {
      line().Finish();
    }
  }

  UniqueFd stream_;
  PipeWriter writer_;
  SocketReader reader_;
  bool has_ended_ = false;  // and all that it started
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
