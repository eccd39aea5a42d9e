#include "real_agent.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <thread>

#include "base/check.h"

namespace paddock::sandbox {
namespace {

constexpr int kListenFd = 3;

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  PADDOCK_CHECK(path.size() < sizeof(address.sun_path));
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

UniqueFd Listen(const std::string& path) {
  UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = AddressOf(path);
  PADDOCK_CHECK(
      bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  PADDOCK_CHECK(listen(listener.get(), 64) == 0);
  return listener;
}

[[noreturn]] void BecomeAgent(const std::string& program, int listener, const std::string& home) {
  setsid();
  if (listener == kListenFd) {
    fcntl(listener, F_SETFD, 0);
  } else {
    dup2(listener, kListenFd);
  }
  const std::string home_variable = "HOME=" + home;
  const std::array<const char*, 3> argv{"paddock-agent", "--listen-fd=3", nullptr};
  const std::array<const char*, 3> env{home_variable.c_str(), "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                                       nullptr};
  execve(program.c_str(), const_cast<char* const*>(argv.data()),
         const_cast<char* const*>(env.data()));
  _exit(127);
}

}  // namespace

RealAgent::RealAgent(const std::string& program) {
  std::string pattern = "/tmp/paddock-agent-test-XXXXXX";
  PADDOCK_CHECK(mkdtemp(pattern.data()) != nullptr);
  root_ = pattern;
  directory_ = root_ + "/files";
  PADDOCK_CHECK(mkdir(directory_.c_str(), 0755) == 0);
  const auto listener = Listen(root_ + "/agent.sock");
  pid_ = fork();
  PADDOCK_CHECK(pid_ >= 0);
  if (pid_ == 0) {
    BecomeAgent(program, listener.get(), directory_);
  }
}

RealAgent::~RealAgent() {
  kill(pid_, SIGTERM);
  int status = 0;
  for (int i = 0; i < 300 && waitpid(pid_, &status, WNOHANG) == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  kill(pid_, SIGKILL);
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

UniqueFd RealAgent::Connect() const {
  UniqueFd stream(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = AddressOf(root_ + "/agent.sock");
  PADDOCK_CHECK(
      connect(stream.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  return stream;
}

bool RealAgent::IsRunning() const {
  int status = 0;
  return waitpid(pid_, &status, WNOHANG) == 0;
}

}  // namespace paddock::sandbox
