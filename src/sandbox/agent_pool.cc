#include "sandbox/agent_pool.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <boost/asio/this_coro.hpp>

namespace paddock::sandbox {

aio::Task<Result<AgentRef>> AgentPool::Get(SandboxId id, Deadline deadline) {
  auto& entry = slots_[id];
  if (entry == nullptr) {
    entry = std::make_shared<Slot>();
  }
  const std::shared_ptr<Slot> slot = entry;  // survives Forget
  while (slot->opening) {
    auto woken = co_await slot->opened.Wait(deadline);
    if (!woken) {
      co_return Fail(std::move(woken).error().With("connect to the sandbox"));
    }
  }
  if (slot->agent != nullptr && slot->agent->is_open()) {
    co_return slot->agent;
  }
  slot->opening = true;
  auto opened = co_await Open(id, deadline);
  slot->opening = false;
  slot->opened.NotifyAll();
  if (opened && !slot->forgotten) {
    slot->agent = *opened;
  } else if (!opened && !slot->forgotten) {
    slot->agent.reset();
  }
  co_return opened;
}

aio::Task<Result<UniqueFd>> AgentPool::Forward(AgentRef agent,
                                               SandboxId id,
                                               std::string target,
                                               Deadline deadline) {
  const bool is_program = target.starts_with("program:");
  if (!is_program && agent->forwards_directly()) {
    auto stream = co_await driver_.Connect(std::move(id), deadline);
    if (!stream) {
      co_return Fail(std::move(stream).error().With("connect to the sandbox"));
    }
    auto direct = co_await AgentClient::ForwardDirectly(*std::move(stream), target, deadline);
    if (direct || direct.error().code != Code::kExhausted) {
      co_return direct;
    }
  }
  auto relayed = co_await agent->Forward(std::move(target), deadline);
  co_return relayed;
}

void AgentPool::Forget(const SandboxId& id) {
  auto slot = slots_.extract(id);
  if (slot) {
    slot.mapped()->forgotten = true;
    slot.mapped()->agent.reset();
  }
}

void AgentPool::Retain(const std::function<bool(const SandboxId&)>& is_wanted) {
  std::vector<SandboxId> unwanted;
  for (const auto& [id, slot] : slots_) {
    if (!is_wanted(id)) {
      unwanted.push_back(id);
    }
  }
  for (const SandboxId& id : unwanted) {
    Forget(id);
  }
}

aio::Task<Result<AgentRef>> AgentPool::Open(SandboxId id, Deadline deadline) {
  const auto executor = co_await boost::asio::this_coro::executor;
  // Shorter than the caller's own deadline, which may be that of a long command.
  const auto soon = Deadline::At(std::min(deadline.when(), Deadline::After(open_timeout_).when()));
  auto stream = co_await driver_.Connect(id, soon);
  if (!stream) {
    co_return Fail(std::move(stream).error().With("connect to the sandbox"));
  }
  auto agent = co_await opener_(executor, *std::move(stream), soon);
  if (!agent) {
    co_return Fail(std::move(agent).error().With("greet the sandbox's agent"));
  }
  co_return agent;
}

}  // namespace paddock::sandbox
