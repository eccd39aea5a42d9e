// Connections that are cut at random, in the middle of output and of typing: no byte is lost or
// doubled in either direction.
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "agent/terminal/hub.h"
#include "agent/terminal/testing/simulated_client.h"

namespace paddock::agent::terminal {
namespace {

using namespace std::chrono_literals;
using testing::SimulatedClient;

struct World {
  explicit World(unsigned seed) : random(seed) {}

  std::mt19937 random;
  Hub::TimePoint now{1h};
  Hub hub{WindowSize{}, 16'384};
  std::string printed;
  std::string typed;
  std::string program_read;

  void ProgramPrints() {
    std::size_t room = hub.output_room();
    if (room == 0) {
      return;
    }
    room = 1 + random() % room;
    std::string bytes;
    while (bytes.size() < room) {
      bytes += static_cast<char>(random() % 4 == 0 ? random() % 256 : 'a' + random() % 26);
    }
    hub.OnOutput(bytes, now);
    printed += bytes;
  }

  void ProgramReads() {
    const std::string_view input = hub.input();
    const std::size_t count = input.empty() ? 0 : 1 + random() % input.size();
    program_read += input.substr(0, count);
    hub.OnInputWritten(count);
  }

  void Step(SimulatedClient& client) {
    now += 1ms;
    if (hub.wake_at().has_value() && *hub.wake_at() <= now) {
      hub.OnTimer(now);
    }
    switch (random() % 6) {
      case 0:
      case 1: ProgramPrints(); break;
      case 2: ProgramReads(); break;
      case 3: {
        if (client.connected() && hub.wants_message(client.viewer())) {
          const std::string keys(1 + random() % 20, static_cast<char>('A' + random() % 26));
          typed += keys;
          client.Type(keys, now);
        }
        break;
      }
      default: client.Pump(random() % 4, random() % 4, now);
    }
  }
};

TEST(HubReconnectTest, AHundredForcedReconnectsLoseAndDoubleNothing) {
  for (unsigned seed = 0; seed < 10; ++seed) {
    World world(seed);
    SimulatedClient client(world.hub, {.window = 4 + world.random() % 8'192});
    client.message_size_max = kControlSizeMax + world.random() % 60'000;
    for (int reconnect = 0; reconnect < 100; ++reconnect) {
      client.Connect(world.now);
      for (auto steps = world.random() % 200; steps > 0; --steps) {
        world.Step(client);
      }
      client.Cut(world.now);
      for (auto steps = world.random() % 20; steps > 0; --steps) {
        world.Step(client);
      }
    }
    client.Connect(world.now);
    world.hub.OnTimer(world.now + 1s);
    client.PumpAll(world.now);
    while (!world.hub.input().empty()) {
      world.ProgramReads();
      client.PumpAll(world.now);
    }
    client.PumpAll(world.now);
    EXPECT_TRUE(client.received().shown == world.printed) << seed;
    EXPECT_EQ(client.reset_count(), 0) << seed;
    EXPECT_TRUE(world.program_read == world.typed) << seed;
    EXPECT_EQ(client.taken(), world.typed.size()) << seed;
    EXPECT_TRUE(client.problems.empty()) << client.problems.front();
    EXPECT_GT(world.printed.size(), 5 * world.hub.output_room());
  }
}

TEST(HubReconnectTest, ThreeViewersThatComeAndGoEachSeeAContiguousTail) {
  for (unsigned seed = 0; seed < 10; ++seed) {
    World world(seed);
    std::deque<SimulatedClient> clients;
    for (const char name : {'a', 'b', 'c'}) {
      clients.emplace_back(world.hub, SimulatedClient::Options{
                                          .name = name, .window = 512 + world.random() % 8'192});
    }
    for (int round = 0; round < 5'000; ++round) {
      SimulatedClient& client = clients[world.random() % clients.size()];
      if (world.random() % 50 == 0) {
        if (client.connected()) {
          client.Cut(world.now);
        } else {
          client.Connect(world.now);
        }
      }
      world.Step(client);
    }
    world.hub.OnTimer(world.now + 1s);
    for (SimulatedClient& client : clients) {
      if (!client.connected()) {
        client.Connect(world.now);
      }
      client.PumpAll(world.now);
      const auto& received = client.received();
      EXPECT_TRUE(received.shown == world.printed.substr(received.start)) << seed;
      EXPECT_TRUE(client.problems.empty()) << client.problems.front();
    }
  }
}

}  // namespace
}  // namespace paddock::agent::terminal
