#include "agent/testing/test_agent.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

#include "agent/file_text.h"
#include "agent/sockets.h"
#include "base/check.h"

namespace paddock::agent::testing {

namespace {

using protocol::FrameType;

constexpr int kPatienceMs = 30'000;

bool HasReady(const protocol::Request& request) {
  using namespace protocol;  // NOLINT(google-build-using-namespace)
  return std::holds_alternative<ExecRequest>(request) ||
         std::holds_alternative<TerminalAttachRequest>(request) ||
         std::holds_alternative<ReadRequest>(request) ||
         std::holds_alternative<WriteRequest>(request) ||
         std::holds_alternative<TarWriteRequest>(request) ||
         std::holds_alternative<ForwardRequest>(request);
}

bool Soon(const std::function<bool()>& condition) {
  for (int waited = 0; waited < kPatienceMs; waited += 10) {
    if (condition()) {
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return condition();
}

}  // namespace

TemporaryDirectory::TemporaryDirectory(const std::string& parent)
    : path_(parent + "/paddock-agent-XXXXXX") {
  PADDOCK_CHECK(mkdtemp(path_.data()) != nullptr);
}

TemporaryDirectory::~TemporaryDirectory() { std::filesystem::remove_all(path_); }

TestClient::TestClient(const std::string& socket_path)
    : socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(&address.sun_path[0], socket_path.data(), socket_path.size());
  PADDOCK_CHECK(
      connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  std::string frame;
  protocol::AppendHello(frame, {.version = protocol::kVersion, .features = 0, .software = "test"});
  Send(frame);
  const auto received = Next();
  PADDOCK_CHECK(received && received->type == FrameType::kHello);
  hello_ = protocol::DecodeHello(received->payload).value();
}

protocol::ChannelId TestClient::Open(protocol::Request request, std::uint32_t credit) {
  std::string frame;
  ++last_;
  if (HasReady(request)) {
    unready_.insert(last_);
  }
  const auto appended = protocol::AppendOpen(
      frame, last_, protocol::Open{.credit = credit, .request = std::move(request)});
  PADDOCK_CHECK(appended.has_value());
  Send(frame);
  return last_;
}

void TestClient::Send(std::string_view frames) {
  while (!frames.empty()) {
    const auto sent = send(socket_.get(), frames.data(), frames.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return;  // the agent has closed, as Next() will tell
    }
    frames.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void TestClient::SendData(protocol::ChannelId channel, std::string_view bytes) {
  std::string frame;
  protocol::AppendFrame(frame, channel, FrameType::kData, bytes);
  Send(frame);
}

void TestClient::SendDataEnd(protocol::ChannelId channel) {
  std::string frame;
  protocol::AppendDataEnd(frame, channel);
  Send(frame);
}

std::optional<Received> TestClient::Next() {
  for (;;) {
    auto frame = reader_.Next();
    PADDOCK_CHECK(frame.has_value());
    if (*frame) {
      if ((**frame).type == FrameType::kReady) {
        unready_.erase((**frame).channel);
      }
      return Received{.channel = (**frame).channel,
                      .type = (**frame).type,
                      .payload = std::string((**frame).payload)};
    }
    pollfd ready{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, kPatienceMs) != 1) {
      ADD_FAILURE() << "the agent says nothing";
      return std::nullopt;
    }
    const auto space = reader_.Space();
    const auto got = recv(socket_.get(), space.data(), space.size(), 0);
    if (got <= 0) {
      return std::nullopt;
    }
    reader_.Commit(static_cast<std::size_t>(got));
  }
}

Answer TestClient::Finish(protocol::ChannelId channel) {
  Answer answer;
  for (;;) {
    const auto received = Next();
    if (!received) {
      answer.error = Error{.code = Code::kUnavailable, .message = "the agent closed"};
      return answer;
    }
    if (received->channel != channel) {
      continue;
    }
    switch (received->type) {
      case FrameType::kReady: answer.ready = received->payload; break;
      case FrameType::kData:
      case FrameType::kErrorData: {
        if (unready_.contains(channel)) {
          answer.error = Error{.code = Code::kInternal, .message = "data before READY"};
          return answer;
        }
        (received->type == FrameType::kData ? answer.data : answer.error_data) += received->payload;
        std::string frame;
        protocol::AppendWindow(frame, channel,
                               static_cast<std::uint32_t>(received->payload.size()));
        Send(frame);
        break;
      }
      case FrameType::kResult: answer.result = received->payload; return answer;
      case FrameType::kError:
        answer.error = protocol::DecodeError(received->payload).value();
        return answer;
      default: break;
    }
  }
}

TestAgent::TestAgent(ServerConfig config) {
  // Made here, so that a client finds it whenever it comes.
  config.listener = ListenAt(directory_ / "agent.sock").value();
  pid_ = fork();
  PADDOCK_CHECK(pid_ >= 0);
  if (pid_ == 0) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (config.cgroups) {
      PADDOCK_CHECK(config.cgroups->Prepare().has_value());
    }
    Server server(std::move(config));
    server.Run();
    _exit(0);
  }
}

void TestAgent::Stop() {
  if (pid_ > 0) {
    (void)kill(pid_, SIGTERM);
    int status = -1;
    (void)waitpid(pid_, &status, 0);
    EXPECT_EQ(status, 0) << "the agent fell";
    pid_ = -1;
  }
}

protocol::ExecRequest Shell(std::string script) {
  protocol::ExecRequest request;
  request.has_stdin = false;
  request.uid = getuid();
  request.timeout = std::chrono::seconds(20);
  request.output_max = 1_MiB;
  request.cwd = "/";
  request.argv = {"/bin/sh", "-c", std::move(script)};
  return request;
}

bool IsGoneSoon(pid_t pid) {
  return Soon([pid] { return kill(pid, 0) != 0 && errno == ESRCH; });
}

std::string ReadSoon(const std::string& path) {
  std::string text;
  (void)Soon([&] {
    text = ReadSmallFile(AT_FDCWD, path.c_str()).value_or("");
    return text.ends_with('\n');
  });
  return text;
}

}  // namespace paddock::agent::testing
