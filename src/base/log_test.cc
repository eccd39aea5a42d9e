#include "base/log.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "base/unique_fd.h"

namespace paddock::log {
namespace {

/// What `act` writes to standard error, in a process of its own that `act` may end.
template <class Act>
std::string LogOf(Act act) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  const pid_t child = fork();
  if (child == 0) {
    dup2(writing.get(), STDERR_FILENO);
    act();
    _exit(0);
  }
  writing.Reset();
  std::string text;
  std::array<char, 4096> piece{};
  ssize_t count = 0;
  while ((count = read(reading.get(), piece.data(), piece.size())) > 0) {
    text.append(piece.data(), static_cast<std::size_t>(count));
  }
  waitpid(child, nullptr, 0);
  return text;
}

TEST(LogTest, ALineIsJsonAndEscapesWhatCouldForgeAnother) {
  const auto text = LogOf([] { Write(Level::kInfo, "a\nb", {{"name", "\"x\\\x1b"}}); });
  EXPECT_NE(text.find(R"(Z","level":"info","message":"a\u000ab","name":"\"x\\\u001b"})"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find('\n'), text.size() - 1);
}

TEST(LogTest, HeldLinesWaitForAFlush) {
  const auto text = LogOf([] {
    HoldInfo();
    Info("first");
    [[maybe_unused]] const auto marked = write(STDERR_FILENO, "mark", 4);
    Flush();
  });
  EXPECT_TRUE(text.starts_with("mark")) << text;
  EXPECT_NE(text.find("first"), std::string::npos) << text;
}

TEST(LogTest, AWarningGoesOutAtOnceBehindWhatWasHeld) {
  const auto text = LogOf([] {
    HoldInfo();
    Info("first");
    Warn("second");
    [[maybe_unused]] const auto marked = write(STDERR_FILENO, "mark", 4);
  });
  EXPECT_LT(text.find("first"), text.find("second")) << text;
  EXPECT_TRUE(text.ends_with("mark")) << text;
}

TEST(LogTest, AFullBufferIsWrittenWithoutAFlush) {
  const auto text = LogOf([] {
    HoldInfo();
    for (int i = 0; i < 1000; ++i) {
      Info("{}", std::string(100, 'x'));
    }
  });
  EXPECT_GT(text.size(), 90'000U);
}

TEST(LogTest, NothingIsLostWhenTheProcessExitsOrAborts) {
  for (const bool aborts : {false, true}) {
    const auto text = LogOf([aborts] {
      HoldInfo();
      Info("last words");
      if (aborts) {
        std::abort();
      }
      std::exit(0);  // NOLINT(concurrency-mt-unsafe): this process has one thread
    });
    EXPECT_NE(text.find("last words"), std::string::npos) << aborts << text;
  }
}

}  // namespace
}  // namespace paddock::log
