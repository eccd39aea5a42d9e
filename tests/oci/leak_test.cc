// Nothing is left of a destroyed sandbox: 200 are made and destroyed, and the host compared.
#include <sys/socket.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "aio/process.h"
#include "aio/task_scope.h"
#include "host_state.h"
#include "oci_host.h"

namespace paddock::testing {
namespace {

constexpr int kRounds = 10;
constexpr int kPerRound = 20;

// Half of them are one user's, whose own group goes with each last sandbox and comes with the next.
aio::Task<void> CreateAndDestroy(OciHost& host, int kind, int& failures) {
  static const auto one_user = NewId<UserId>();
  const sandbox::Spec spec{.id = NewId<SandboxId>(),
                           .owner = kind % 8 < 4 ? one_user : NewId<UserId>(),
                           .image = "test",
                           .limits = {},
                           .env = {},
                           .network = sandbox::Network::kNone};
  const auto deadline = Deadline::After(std::chrono::seconds(60));
  auto info = co_await host.driver().Create(spec, deadline);
  failures += info ? 0 : 1;
  if (kind % 4 == 1) {
    // Once it answers it hears SIGTERM, too; else Stop waits for it in vain.
    auto stream = co_await host.driver().Connect(spec.id, deadline);
    failures += stream && send(stream->get(), "echo\n", 5, MSG_NOSIGNAL) == 5 ? 0 : 1;
    if (stream) {
      auto answered = co_await aio::WaitReadable(stream->get(), deadline);
      failures += answered ? 0 : 1;
    }
    auto stopped = co_await host.driver().Stop(spec.id, deadline);
    failures += stopped ? 0 : 1;
  }
  if (kind % 4 == 2) {
    auto paused = co_await host.driver().Pause(spec.id, deadline);
    failures += paused ? 0 : 1;
  }
  if (kind % 4 == 3) {
    auto stream = co_await host.driver().Connect(spec.id, deadline);
    failures += stream ? 0 : 1;
  }
  auto destroyed = co_await host.driver().Destroy(spec.id, deadline);
  failures += destroyed ? 0 : 1;
}

aio::Task<bool> Round(OciHost& host, int& failures) {
  aio::TaskScope scope(host.loop().get_executor());
  for (int index = 0; index < kPerRound; ++index) {
    scope.Spawn(CreateAndDestroy(host, index, failures));
  }
  co_await scope.Join();
  co_return true;
}

TEST(LeakTest, TwoHundredSandboxesLeaveTheHostAsItWas) {
  OciHost host("crun");
  if (const std::string missing = host.missing(); !missing.empty()) {
    GTEST_SKIP() << missing;
  }
  int failures = 0;
  // The first sandboxes make what stays: the formatted disk, the node's own groups.
  host.Destroy(host.Create());
  HostState last;
  const HostState before = host.Settle([&last](const HostState& state) {
    return state.process_count == 0 && std::exchange(last, state) == state;
  });
  for (int round = 0; round < kRounds; ++round) {
    host.Await(Round(host, failures));
  }
  EXPECT_EQ(failures, 0);
  const HostState after = host.Settle([&](const HostState& state) { return state == before; });
  EXPECT_EQ(before, after) << "before: " << Describe(before) << "\nafter:  " << Describe(after);
}

}  // namespace
}  // namespace paddock::testing
