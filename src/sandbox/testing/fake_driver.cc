#include "sandbox/testing/fake_driver.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "sandbox/testing/descriptor_refusal.h"

namespace paddock::sandbox::testing {
namespace asio = boost::asio;

namespace {

constexpr int kProcessCountMin = 16;

bool IsValid(const Limits& limits) {
  return limits.memory.count > 0 && limits.cpu.count > 0 && limits.disk.count > 0 &&
         limits.process_count_max >= kProcessCountMin && limits.inode_count_max > 0 &&
         limits.lifetime_max.count() > 0;
}

}  // namespace

Result<void> FakeDriver::Begin() {
  if (call_count++ == fail_at || is_down) {
    return Fail(failure);
  }
  return {};
}

void FakeDriver::Unblock() {
  is_blocked = false;
  unblocked_.NotifyAll();
}

aio::Task<Result<void>> FakeDriver::WaitWhileBlocked(Deadline deadline) {
  while (is_blocked) {
    auto woken = co_await unblocked_.Wait(deadline);
    if (!woken) {
      co_return woken;
    }
  }
  co_return Result<void>{};
}

Result<Info*> FakeDriver::Find(const SandboxId& id) {
  const auto found = machines.find(id);
  if (found == machines.end()) {
    return Fail(Code::kNotFound, "no sandbox " + id.value());
  }
  return &found->second;
}

Result<void> FakeDriver::Change(const SandboxId& id, std::set<State> from, State to) {
  if (auto begun = Begin(); !begun) {
    return begun;
  }
  auto machine = Find(id);
  if (!machine) {
    return Fail(std::move(machine).error());
  }
  if ((*machine)->state != to && !from.contains((*machine)->state)) {
    return Fail(Code::kConflict, "the sandbox is " + std::string(Name((*machine)->state)));
  }
  (*machine)->state = to;
  return {};
}

aio::Task<Result<Capabilities>> FakeDriver::GetCapabilities(Deadline /*deadline*/) {
  if (is_down) {
    co_return Fail(failure);
  }
  Capabilities capabilities;
  capabilities.engine = "fake";
  capabilities.pause = true;
  capabilities.stop_and_start = true;
  for (const std::string& name : images) {
    capabilities.images.push_back({.name = name, .digest = "sha256:00", .description = {}});
  }
  co_return capabilities;
}

aio::Task<Result<Info>> FakeDriver::Create(Spec spec, Deadline deadline) {
  ++create_count;
  const auto wake = std::min(deadline.when(), Deadline::After(create_delay).when());
  asio::steady_timer timer(co_await asio::this_coro::executor, wake);
  auto [cancelled] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (cancelled) {
    co_return Fail(Code::kCancelled, "create cancelled");
  }
  if (deadline.Passed()) {
    co_return Fail(Code::kDeadlineExceeded, "create took too long");
  }
  if (auto ready = co_await WaitWhileBlocked(deadline); !ready) {
    co_return Fail(std::move(ready).error());
  }
  if (auto begun = Begin(); !begun) {
    co_return Fail(std::move(begun).error());
  }
  if (!IsValid(spec.limits)) {
    co_return Fail(Code::kInvalid, "limits too small");
  }
  if (!images.contains(spec.image.substr(0, spec.image.find('@')))) {
    co_return Fail(Code::kNotFound, "no image " + spec.image);
  }
  if (machines.contains(spec.id)) {
    co_return Fail(Code::kConflict, "sandbox exists");
  }
  Info info{.id = spec.id,
            .owner = spec.owner,
            .image = spec.image.substr(0, spec.image.find('@')) + "@sha256:00",
            .limits = spec.limits,
            .env = spec.env,
            .network = spec.network,
            .state = State::kRunning,
            .failure = {},
            .created_at = std::chrono::system_clock::now()};
  machines.emplace(spec.id, info);
  co_return info;
}

aio::Task<Result<UniqueFd>> FakeDriver::Connect(SandboxId id, Deadline /*deadline*/) {
  if (auto begun = Begin(); !begun) {
    co_return Fail(std::move(begun).error());
  }
  auto machine = Find(id);
  if (!machine) {
    co_return Fail(std::move(machine).error());
  }
  if ((*machine)->state != State::kRunning) {
    co_return Fail(Code::kConflict, "not running");
  }
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
    co_return Fail(Code::kUnavailable, "socketpair");
  }
  can_be_direct = RefuseDescriptors(ends[0]);
  agent_ends.emplace_back(ends[1]);
  co_return UniqueFd(ends[0]);
}

aio::Task<Result<void>> FakeDriver::Stop(SandboxId id, Deadline /*deadline*/) {
  co_return Change(id, {State::kRunning, State::kPaused, State::kFailed}, State::kStopped);
}

aio::Task<Result<void>> FakeDriver::Start(SandboxId id, Deadline /*deadline*/) {
  co_return Change(id, {State::kStopped, State::kFailed}, State::kRunning);
}

aio::Task<Result<void>> FakeDriver::Pause(SandboxId id, Deadline /*deadline*/) {
  co_return Change(id, {State::kRunning}, State::kPaused);
}

aio::Task<Result<void>> FakeDriver::Resume(SandboxId id, Deadline /*deadline*/) {
  co_return Change(id, {State::kPaused}, State::kRunning);
}

aio::Task<Result<void>> FakeDriver::Snapshot(SandboxId id,
                                             std::string /*name*/,
                                             Deadline /*deadline*/) {
  auto machine = Find(id);
  if (!machine) {
    co_return Fail(std::move(machine).error());
  }
  co_return Fail(Code::kConflict, "snapshots are not supported");
}

aio::Task<Result<void>> FakeDriver::Transfer(SandboxId id, UserId owner, Deadline /*deadline*/) {
  if (auto begun = Begin(); !begun) {
    co_return begun;
  }
  auto machine = Find(id);
  if (!machine) {
    co_return Fail(std::move(machine).error());
  }
  if (!IsIdText(owner.value())) {
    co_return Fail(Code::kInvalid, "the owner must be an id");
  }
  (*machine)->owner = std::move(owner);
  co_return Result<void>{};
}

aio::Task<Result<Usage>> FakeDriver::Stats(SandboxId id, Deadline /*deadline*/) {
  if (auto begun = Begin(); !begun) {
    co_return Fail(std::move(begun).error());
  }
  auto machine = Find(id);
  if (!machine) {
    co_return Fail(std::move(machine).error());
  }
  co_return usage;
}

aio::Task<Result<std::string>> FakeDriver::Logs(SandboxId id, Deadline /*deadline*/) {
  auto machine = Find(id);
  if (!machine) {
    co_return Fail(std::move(machine).error());
  }
  co_return log;
}

aio::Task<Result<void>> FakeDriver::Destroy(SandboxId id, Deadline deadline) {
  ++destroy_count;
  if (auto ready = co_await WaitWhileBlocked(deadline); !ready) {
    co_return ready;
  }
  if (auto begun = Begin(); !begun) {
    co_return begun;
  }
  machines.erase(id);
  co_return Result<void>{};
}

aio::Task<Result<std::vector<Info>>> FakeDriver::List(Deadline deadline) {
  if (auto begun = Begin(); !begun) {
    co_return Fail(std::move(begun).error());
  }
  std::vector<Info> infos;
  infos.reserve(machines.size());
  for (const auto& [id, info] : machines) {
    infos.push_back(info);
  }
  // What is listed was true when it was asked for, and may be old when it arrives.
  if (auto ready = co_await WaitWhileBlocked(deadline); !ready) {
    co_return Fail(std::move(ready).error());
  }
  co_return infos;
}

}  // namespace paddock::sandbox::testing
