// The attacks that need machine code, because the base image has no compiler: statically linked,
// run inside a sandbox only. usage: attack storm|overflow
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <thread>
#include <vector>

namespace {

/// A2: eight threads that do nothing but fork, and children that only exec themselves away.
[[noreturn]] void Storm(char* program) {
  constexpr int kThreadCount = 8;
  const auto fork_for_ever = [program] {
    for (;;) {
      const pid_t child = fork();
      if (child == 0) {
        execl("/proc/self/exe", program, "child", nullptr);
        _exit(1);
      }
      while (child < 0 && waitpid(-1, nullptr, WNOHANG) > 0) {
      }
    }
  };
  std::vector<std::thread> threads;
  for (int i = 1; i < kThreadCount; ++i) {
    threads.emplace_back(fork_for_ever);
  }
  fork_for_ever();
  _exit(1);
}

/// A14: takes stack until there is none. The result depends on every frame, so none is left out.
int Overflow(const volatile char* above) {
  volatile char frame[4096];
  frame[0] = above != nullptr ? above[0] : 'x';
  return frame[0] == 0 ? 0 : Overflow(frame) + frame[0];  // never 0, which no compiler can know
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    return 2;
  }
  if (std::strcmp(arguments[1], "storm") == 0) {
    Storm(arguments[0]);
  }
  if (std::strcmp(arguments[1], "overflow") == 0) {
    return Overflow(nullptr);
  }
  return 0;  // a child that has been exec'ed
}
