// Whose input it is, how much of it waits, and who is remembered for it.
#include <malloc.h>

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "agent/terminal/hub.h"
#include "agent/terminal/testing/simulated_client.h"

namespace paddock::agent::terminal {
namespace {

using namespace std::chrono_literals;
using testing::SimulatedClient;
namespace wire = protocol::terminal;

std::size_t AllocatedBytes() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

class HubInputTest : public ::testing::Test {
 protected:
  template <class Message>
  void Say(ViewerId viewer, const Message& message) {
    std::string bytes;
    wire::Append(bytes, message);
    hub_.OnMessage(viewer, bytes, now_);
  }

  Hub::TimePoint now_{1h};
  Hub hub_{WindowSize{}, 16'384};
};

TEST_F(HubInputTest, AProgramThatReadsButNeverAllCostsABoundedBuffer) {
  const auto viewer = hub_.Open();
  Say(viewer, wire::Attach{});
  const std::string paste(60'000, 'p');
  std::uint64_t sent = 0;
  std::uint64_t written = 0;
  const auto before = AllocatedBytes();
  while (sent < 30'000'000) {
    while (hub_.wants_message(viewer)) {
      Say(viewer, wire::Input{.sequence = sent, .bytes = paste});
      sent += paste.size();
    }
    while (written + 1 < sent) {  // one byte always waits
      const auto count = std::min<std::uint64_t>(hub_.input().size(), sent - written - 1);
      hub_.OnInputWritten(count);
      written += count;
    }
    while (hub_.Next(viewer, 1U << 20U)) {
    }
  }
  EXPECT_FALSE(hub_.input().empty());
  EXPECT_LT(AllocatedBytes(), before + 2'000'000);
}

TEST_F(HubInputTest, AnOwnerThatComesBackToWatchHandsOverToAnotherViewer) {
  SimulatedClient owner(hub_, {.name = 'o'});
  owner.Connect(now_);
  owner.PumpAll(now_);
  SimulatedClient other(hub_, {.name = 't', .size = {.column_count = 50, .row_count = 10}});
  other.Connect(now_);
  other.PumpAll(now_);
  EXPECT_FALSE(other.attached->owner);
  SimulatedClient watcher(hub_, {.name = 'o', .watch = true});
  watcher.Connect(now_);
  watcher.PumpAll(now_);
  other.PumpAll(now_);
  EXPECT_FALSE(watcher.attached->owner);
  EXPECT_TRUE(other.size->owner);
  EXPECT_EQ(hub_.size(), (WindowSize{.column_count = 50, .row_count = 10}));
}

TEST_F(HubInputTest, AnAttachedClientIsRememberedHoweverManyOthersType) {
  SimulatedClient patient(hub_, {.name = 'p'});
  patient.Connect(now_);
  patient.PumpAll(now_);
  patient.Type("one", now_);
  hub_.OnInputWritten(3);
  for (std::size_t number = 0; number < 2 * kClientCountMax; ++number) {
    SimulatedClient passer(hub_, {.name = static_cast<char>(128 + number)});
    passer.Connect(now_);
    passer.PumpAll(now_);
    passer.Type("x", now_);
    hub_.OnInputWritten(1);
    passer.Cut(now_);
  }
  patient.Type("two", now_);
  patient.PumpAll(now_);
  EXPECT_FALSE(patient.failure.has_value());
  EXPECT_EQ(hub_.input(), "two");
}

}  // namespace
}  // namespace paddock::agent::terminal
