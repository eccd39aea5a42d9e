// A first process for sandboxes under test: runs what it is sent, with no protocol in the way.
//
// It takes the agent's place and flags. Every connection sends one command line, which /bin/sh
// runs with the connection as its standard input, output and error. Statically linked.
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace {

constexpr int kListenFd = 3;
constexpr std::size_t kCommandMax = 4096;

void RunOne(int stream) {
  char command[kCommandMax] = {};
  std::size_t size = 0;
  while (size + 1 < kCommandMax && read(stream, command + size, 1) == 1 && command[size] != '\n') {
    ++size;
  }
  command[size] = '\0';
  signal(SIGTERM, SIG_DFL);
  signal(SIGCHLD, SIG_DFL);
  for (int target = 0; target <= 2; ++target) {
    dup2(stream, target);
  }
  close_range(3, ~0U, 0);
  setsid();
  execl("/bin/sh", "sh", "-c", command, static_cast<char*>(nullptr));
  _exit(127);
}

sockaddr_un AddressOf(const char* flag) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  strncpy(address.sun_path, strchr(flag, '=') + 1, sizeof address.sun_path - 1);
  return address;
}

// "--listen-path=PATH"; with any other flag the listener is inherited.
int ListenAt(const char* flag) {
  if (strncmp(flag, "--listen-path=", 14) != 0) {
    return kListenFd;
  }
  const sockaddr_un address = AddressOf(flag);
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  unlink(address.sun_path);
  const bool listens =
      bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      listen(listener, 64) == 0;
  return listens ? listener : -1;
}

// `connect --listen-path=PATH`: standard input and output to the agent at PATH and back.
int Relay(const char* flag) {
  const sockaddr_un address = AddressOf(flag);
  const int agent = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  for (int waits = 0;
       connect(agent, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0; ++waits) {
    if (waits == 500) {
      return 1;
    }
    usleep(10'000);
  }
  if (fork() == 0) {
    dup2(agent, STDOUT_FILENO);
    execl("/bin/sh", "sh", "-c", "exec cat", static_cast<char*>(nullptr));
    _exit(127);
  }
  dup2(agent, STDIN_FILENO);
  execl("/bin/sh", "sh", "-c", "exec cat", static_cast<char*>(nullptr));
  return 127;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && strcmp(argv[1], "connect") == 0) {
    return Relay(argv[2]);
  }
  const int listener = argc > 1 ? ListenAt(argv[1]) : kListenFd;
  signal(SIGCHLD, SIG_IGN);  // the kernel reaps
  signal(SIGTERM, [](int) { _exit(0); });
  std::printf("probe agent started\n");
  std::fflush(stdout);
  for (;;) {
    const int stream = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (stream >= 0 && fork() == 0) {
      RunOne(stream);
    }
    close(stream);
  }
}
