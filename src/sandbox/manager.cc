#include "sandbox/manager.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/log.h"
#include "sandbox/system_owner.h"

namespace paddock::sandbox {
namespace {

// Whether a Create that failed like this may yet succeed, with nobody left who waits for it.
bool IsUnknown(Code code) noexcept {
  return code == Code::kCancelled || code == Code::kDeadlineExceeded;
}

std::unexpected<Error> NoSuchSandbox() { return Fail(Code::kNotFound, "no such sandbox"); }

// Who has been given sandboxes, or whose quota was lowered, may have more than `most`.
std::string DescribeQuota(int owned, int most) {
  if (owned > most) {
    return fmt::format("you have {} sandboxes and may have {}; delete {}", owned, most,
                       owned - most + 1);
  }
  return most == 1 ? "your one sandbox is in use; delete it"
                   : fmt::format("your {} sandboxes are in use; delete one", most);
}

}  // namespace

Manager::Manager(ManagerConfig config, Driver& driver, AgentOpener opener)
    : config_(config), driver_(driver), agents_(driver, std::move(opener), config.open_timeout) {}

aio::Task<void> Manager::Run() {
  while (true) {
    co_await RemoveAbandoned();
    auto reconciled = co_await Reconcile();
    if (!reconciled && reconciled.error().code == Code::kCancelled) {
      co_return;
    }
    std::string failure = reconciled ? std::string() : std::move(reconciled).error().message;
    if (failure != failure_ && !failure.empty()) {
      log::Warn("the node does not answer: {}", failure);
    } else if (failure.empty() && listed_once_ && !failure_.empty()) {
      log::Info("the node answers: {} sandboxes", registry_.size());
    }
    failure_ = std::move(failure);
    changed_.NotifyAll();
    const auto pause = listed_once_ ? config_.reconcile_interval : config_.retry_interval;
    auto woken = co_await suspicion_.Wait(Deadline::After(pause));
    if (woken) {
      // However many requests fail at once, the driver is asked a few times a second at most.
      aio::Condition calm;
      woken = co_await calm.Wait(Deadline::After(config_.retry_interval));
    }
    if (!woken && woken.error().code == Code::kCancelled) {
      co_return;
    }
  }
}

// A Destroy waits for the Create of the same sandbox. What cannot be removed now is tried again.
aio::Task<void> Manager::RemoveAbandoned() {
  const auto deadline = Deadline::After(config_.reconcile_timeout);
  const auto ids = std::exchange(abandoned_, {});
  for (const SandboxId& id : ids) {
    auto destroyed = co_await driver_.Destroy(id, deadline);
    if (destroyed) {
      registry_.Remove(id);
    } else {
      abandoned_.push_back(id);
    }
  }
}

aio::Task<Result<void>> Manager::Reconcile() {
  const auto deadline = Deadline::After(config_.reconcile_timeout);
  auto capabilities = co_await driver_.GetCapabilities(deadline);
  if (!capabilities) {
    co_return Fail(std::move(capabilities).error());
  }
  capabilities_ = *std::move(capabilities);
  const auto asked_at = registry_.Now();
  auto listed = co_await driver_.List(deadline);
  if (!listed) {
    co_return Fail(std::move(listed).error());
  }
  std::erase_if(*listed, [](const Info& info) { return IsSystemOwner(info.owner); });
  registry_.Merge(asked_at, *std::move(listed));
  agents_.Retain([this](const SandboxId& id) {
    const Info* info = registry_.Find(id);
    return info != nullptr && info->state == State::kRunning;
  });
  listed_once_ = true;
  co_return Result<void>();
}

aio::Task<Result<void>> Manager::WaitUntilReady(Deadline deadline) {
  while (!listed_once_) {
    auto woken = co_await changed_.Wait(deadline);
    if (!woken && !listed_once_) {
      co_return woken;
    }
  }
  co_return Result<void>();
}

Result<void> Manager::Ready() const {
  if (!failure_.empty()) {
    return Fail(Code::kUnavailable, failure_);
  }
  return {};
}

Allowance Manager::ServerAllowance() const {
  return {.sandboxes_max = config_.per_user_max, .max = config_.limits.max};
}

LimitPolicy Manager::PolicyFor(const Allowance& allowance) const {
  return config_.limits.Under(allowance.max);
}

int Manager::SandboxesMaxFor(const Allowance& allowance) const {
  return std::clamp(allowance.sandboxes_max, 0, config_.per_user_max);
}

Result<void> Manager::Admit(const UserId& owner,
                            const Limits& limits,
                            const Allowance& allowance) const {
  if (!listed_once_) {
    return Fail(Code::kUnavailable, failure_);  // the quota cannot be checked yet
  }
  auto allowed = PolicyFor(allowance).Check(limits);
  if (!allowed) {
    return allowed;
  }
  const int most = SandboxesMaxFor(allowance);
  if (most == 0) {
    return Fail(Code::kDenied, "you may have no sandboxes on this server");
  }
  const int owned = registry_.CountOwnedBy(owner);
  if (owned >= most) {
    return Fail(Code::kExhausted, DescribeQuota(owned, most));
  }
  if (registry_.size() >= static_cast<std::size_t>(config_.live_count_max)) {
    return Fail(Code::kExhausted, "this server is full");
  }
  return {};
}

aio::Task<Result<Info>> Manager::Create(UserId owner,
                                        SandboxRequest request,
                                        Allowance allowance,
                                        Deadline deadline) {
  auto admitted = Admit(owner, request.limits, allowance);
  if (!admitted) {
    co_return Fail(std::move(admitted).error());
  }
  Spec spec{.id = NewId<SandboxId>(),
            .owner = std::move(owner),
            .image = std::move(request.image),
            .limits = request.limits,
            .env = std::move(request.env)};
  const SandboxId id = spec.id;
  Info pending{.id = id,
               .owner = spec.owner,
               .image = spec.image,
               .limits = spec.limits,
               .env = spec.env,
               .failure = {},
               .created_at = std::chrono::system_clock::now()};
  // Counted before the first await, so that two requests cannot both take the last place.
  registry_.AddPending(std::move(pending));
  auto created = co_await driver_.Create(std::move(spec), deadline);
  if (created) {
    registry_.Put(*created);
  } else if (IsUnknown(created.error().code)) {
    // The driver may be at work on it still. Until that is undone it keeps its place: who hangs up
    // in time shall not have more sandboxes than others.
    abandoned_.push_back(id);
    suspicion_.NotifyAll();
  } else {
    registry_.Remove(id);
  }
  changed_.NotifyAll();
  if (!created && created.error().code == Code::kDiskFull) {
    // The driver's words name files of the host, which are for its operator alone.
    log::Error("create sandbox {}: {}", id.value(), created.error().message);
    co_return Fail(Code::kDiskFull, "the server's disk is full: no room for another sandbox");
  }
  if (!created) {
    co_return Fail(std::move(created).error().With("create sandbox"));
  }
  co_return created;
}

// One after the other: there are a few, and each is one short call.
aio::Task<Result<void>> Manager::TransferAll(UserId from, UserId to, Deadline deadline) {
  auto owned = List(from);
  if (!owned) {
    co_return Fail(std::move(owned).error());
  }
  if (from == to) {
    co_return Result<void>();
  }
  std::size_t failed_count = 0;
  std::optional<Error> failure;
  for (const Info& info : *owned) {
    auto transferred = co_await Transfer(info.id, from, to, deadline);
    if (!transferred && transferred.error().code == Code::kCancelled) {
      co_return transferred;
    }
    if (!transferred) {
      ++failed_count;
      failure = std::move(transferred).error();
    }
  }
  if (failure) {
    co_return Fail(
        (*std::move(failure))
            .With(fmt::format("{} of {} sandboxes keep their owner", failed_count, owned->size())));
  }
  co_return Result<void>();
}

// The driver would not know one that is still being created, so that is waited for.
aio::Task<Result<void>> Manager::Transfer(SandboxId id, UserId from, UserId to, Deadline deadline) {
  auto state = co_await AwaitSettled(std::move(from), id, deadline);
  if (!state) {
    const bool is_gone = state.error().code == Code::kNotFound;
    co_return is_gone ? Result<void>() : Fail(std::move(state).error());
  }
  auto transferred = co_await driver_.Transfer(id, to, deadline);
  if (!transferred && transferred.error().code != Code::kNotFound) {
    co_return Fail(std::move(transferred).error());
  }
  if (transferred) {
    registry_.SetOwner(id, to);
  }
  co_return Result<void>();
}

Result<Info> Manager::Find(const UserId& owner, const SandboxId& id) const {
  auto found = Peek(owner, id);
  if (!found) {
    return Fail(std::move(found).error());
  }
  return **found;
}

Result<const Info*> Manager::Peek(const UserId& owner, const SandboxId& id) const {
  const Info* info = registry_.Find(id);
  if (info != nullptr && info->owner == owner) {
    return info;
  }
  if (!listed_once_) {
    return Fail(Code::kUnavailable, failure_);
  }
  return NoSuchSandbox();
}

Result<std::vector<Info>> Manager::List(const UserId& owner) const {
  if (!listed_once_) {
    return Fail(Code::kUnavailable, failure_);
  }
  return registry_.OwnedBy(owner);
}

/// The state once it is no longer kCreating. Fails as Find and Condition::Wait do.
aio::Task<Result<State>> Manager::AwaitSettled(UserId owner, SandboxId id, Deadline deadline) {
  while (true) {
    auto found = Peek(owner, id);
    if (!found) {
      co_return Fail(std::move(found).error());
    }
    if ((*found)->state != State::kCreating) {
      co_return (*found)->state;
    }
    auto woken = co_await changed_.Wait(deadline);
    if (!woken) {
      co_return Fail(std::move(woken).error().With("wait until the sandbox runs"));
    }
  }
}

aio::Task<Result<UniqueFd>> Manager::Forward(AgentRef agent,
                                             SandboxId id,
                                             std::string target,
                                             Deadline deadline) {
  auto stream =
      co_await agents_.Forward(std::move(agent), std::move(id), std::move(target), deadline);
  co_return stream;
}

aio::Task<Result<AgentRef>> Manager::Agent(UserId owner, SandboxId id, Deadline deadline) {
  auto state = co_await AwaitSettled(std::move(owner), id, deadline);
  if (!state) {
    co_return Fail(std::move(state).error());
  }
  if (*state != State::kRunning) {
    co_return Fail(Code::kConflict, fmt::format("the sandbox is {}", Name(*state)));
  }
  auto agent = co_await agents_.Get(id, deadline);
  if (!agent) {
    suspicion_.NotifyAll();
  }
  co_return agent;
}

aio::Task<Result<void>> Manager::Destroy(UserId owner, SandboxId id, Deadline deadline) {
  auto state = co_await AwaitSettled(std::move(owner), id, deadline);
  if (!state) {
    co_return Fail(std::move(state).error());
  }
  agents_.Forget(id);
  auto destroyed = co_await driver_.Destroy(id, deadline);
  if (!destroyed) {
    co_return Fail(std::move(destroyed).error().With("destroy sandbox"));
  }
  registry_.Remove(id);
  co_return Result<void>();
}

aio::Task<Result<Usage>> Manager::Stats(UserId owner, SandboxId id, Deadline deadline) {
  auto state = co_await AwaitSettled(std::move(owner), id, deadline);
  if (!state) {
    co_return Fail(std::move(state).error());
  }
  auto usage = co_await driver_.Stats(id, deadline);
  co_return usage;
}

aio::Task<Result<std::string>> Manager::Logs(UserId owner, SandboxId id, Deadline deadline) {
  auto state = co_await AwaitSettled(std::move(owner), id, deadline);
  if (!state) {
    co_return Fail(std::move(state).error());
  }
  auto logs = co_await driver_.Logs(id, deadline);
  co_return logs;
}

}  // namespace paddock::sandbox
