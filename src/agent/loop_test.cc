#include "agent/loop.h"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/pipe_writer.h"

namespace paddock::agent {
namespace {

using std::chrono::milliseconds;

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    read_end.Reset(ends[0]);
    write_end.Reset(ends[1]);
  }
  UniqueFd read_end;
  UniqueFd write_end;
};

TEST(LoopTest, TimersFireInTheOrderOfTheirTimesAndDroppedOnesNever) {
  Loop loop;
  std::string order;
  const auto late = loop.After(milliseconds(4), [&] { order += 'l'; });
  const auto early = loop.After(milliseconds(1), [&] { order += 'e'; });
  auto dropped = loop.After(milliseconds(2), [&] { order += 'd'; });
  EXPECT_TRUE(dropped);
  dropped.Reset();
  while (late) {
    loop.RunOnce(milliseconds(100));
  }
  EXPECT_EQ(order, "el");
  EXPECT_FALSE(early);
}

TEST(LoopTest, AHandlerMayDropItsOwnWatch) {
  Loop loop;
  Pipe pipe;
  int calls = 0;
  Watch watch = loop.Add(pipe.read_end.get(), EPOLLIN, [&](std::uint32_t) {
    ++calls;
    watch.Reset();
  });
  ASSERT_EQ(write(pipe.write_end.get(), "xx", 2), 2);
  loop.RunOnce(milliseconds(0));
  loop.RunOnce(milliseconds(0));
  EXPECT_EQ(calls, 1);
}

TEST(LoopTest, AnEventForADescriptorThatWasReplacedMeanwhileIsDropped) {
  Loop loop;
  Pipe first;
  std::optional<Pipe> second;
  second.emplace();
  Pipe fresh;
  Watch other;
  int stale = 0;
  Watch second_watch = loop.Add(second->read_end.get(), EPOLLIN, [&](std::uint32_t) { ++stale; });
  // Runs in the same round, before or after; either way the old event must not reach the new watch.
  const Watch first_watch = loop.Add(first.read_end.get(), EPOLLIN, [&](std::uint32_t) {
    if (second) {
      const int number = second->read_end.get();
      second_watch.Reset();
      second.reset();
      ASSERT_EQ(dup2(fresh.read_end.get(), number), number);
      other = loop.Add(number, EPOLLIN, [&](std::uint32_t) { stale += 100; });
    }
  });
  ASSERT_EQ(write(first.write_end.get(), "x", 1), 1);
  ASSERT_EQ(write(second->write_end.get(), "x", 1), 1);
  const int number = second->read_end.get();
  loop.RunOnce(milliseconds(0));
  other.Reset();
  close(number);
  EXPECT_LT(stale, 100);
}

TEST(LoopTest, APausedWatchIgnoresAHangUp) {
  Loop loop;
  Pipe pipe;
  int calls = 0;
  Watch watch = loop.Add(pipe.read_end.get(), 0, [&](std::uint32_t) { ++calls; });
  pipe.write_end.Reset();
  loop.RunOnce(milliseconds(1));
  EXPECT_EQ(calls, 0);
  watch.SetEvents(EPOLLIN);
  loop.RunOnce(milliseconds(1));
  EXPECT_EQ(calls, 1);
}

TEST(LoopTest, DeferredWorkRunsBeforeTheLoopWaitsAgain) {
  Loop loop;
  std::string order;
  loop.Defer([&] {
    order += 'a';
    loop.Defer([&] { order += 'b'; });
  });
  loop.RunOnce(milliseconds(0));
  EXPECT_EQ(order, "ab");
}

TEST(LoopTest, ADescriptorThatCannotBeWatchedIsLookedAt) {
  Loop loop;
  const UniqueFd file(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));  // epoll takes no files
  int count = 0;
  auto watch = loop.Add(file.get(), EPOLLIN, [&count](std::uint32_t) { ++count; });
  loop.RunOnce(milliseconds(1000));
  EXPECT_EQ(count, 1);
  watch.SetEvents(0);
  loop.RunOnce(milliseconds(1));
  EXPECT_EQ(count, 1);
  watch.SetEvents(EPOLLIN);
  loop.RunOnce(milliseconds(1000));
  EXPECT_EQ(count, 2);
}

TEST(PipeWriterTest, AReaderThatNeverTakesAllCostsABoundedBuffer) {
  Loop loop;
  Pipe pipe;
  std::size_t taken = 0;
  PipeWriter writer(loop, [&taken](std::size_t count) { taken += count; });
  writer.Open(std::move(pipe.write_end));
  constexpr std::size_t kCredit = 128U << 10U;
  std::string piece(32U << 10U, 'x');
  std::size_t given = 0;
  const auto allocated = [] {
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  const auto before = allocated();
  while (taken < 20'000'000) {
    while (given + piece.size() <= taken + kCredit) {
      writer.Write(piece);
      given += piece.size();
    }
    ASSERT_GT(read(pipe.read_end.get(), piece.data(), piece.size()), 0);
    loop.RunOnce(milliseconds(0));
    ASSERT_LT(taken, given) << "it took all";
  }
  EXPECT_LT(allocated(), before + 1'000'000);
}

}  // namespace
}  // namespace paddock::agent
