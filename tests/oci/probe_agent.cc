// A first process for sandboxes under test: runs what it is sent, with no protocol in the way.
//
// It takes the agent's place and flags. Every connection sends one command line, which /bin/sh
// runs with the connection as its standard input, output and error. Statically linked.
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
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

}  // namespace

int main() {
  signal(SIGCHLD, SIG_IGN);  // the kernel reaps
  signal(SIGTERM, [](int) { _exit(0); });
  std::printf("probe agent started\n");
  std::fflush(stdout);
  for (;;) {
    const int stream = accept4(kListenFd, nullptr, nullptr, SOCK_CLOEXEC);
    if (stream >= 0 && fork() == 0) {
      RunOne(stream);
    }
    close(stream);
  }
}
