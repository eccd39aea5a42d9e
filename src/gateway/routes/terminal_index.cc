#include "gateway/routes/terminal_index.h"

#include <algorithm>
#include <utility>

namespace paddock::gateway {
namespace {

std::unexpected<Error> NoSuchTerminal() { return Fail(Code::kNotFound, "no such terminal"); }

}  // namespace

void TerminalIndex::Remember(const UserId& user,
                             const TerminalId& terminal,
                             const SandboxId& sandbox) {
  const Key key(user, terminal);
  if (!sandboxes_.insert_or_assign(key, sandbox).second) {
    return;
  }
  oldest_first_.push_back(key);
  if (oldest_first_.size() > kRememberedMax) {
    sandboxes_.erase(oldest_first_.front());
    oldest_first_.pop_front();
  }
}

void TerminalIndex::Forget(const UserId& user, const TerminalId& terminal) {
  sandboxes_.erase(Key(user, terminal));
}

aio::Task<Result<TerminalIndex::Place>> TerminalIndex::Find(UserId user,
                                                            TerminalId terminal,
                                                            Deadline deadline) {
  const auto known = sandboxes_.find(Key(user, terminal));
  if (known != sandboxes_.end()) {
    const SandboxId sandbox = known->second;
    auto agent = co_await manager_.Agent(user, sandbox, deadline);
    if (agent) {
      co_return Place{.sandbox = sandbox, .agent = *std::move(agent)};
    }
    if (agent.error().code != Code::kNotFound) {
      co_return Fail(std::move(agent).error());
    }
    Forget(user, terminal);  // its sandbox is gone
  }
  auto found = co_await Search(std::move(user), std::move(terminal), deadline);
  co_return found;
}

aio::Task<Result<TerminalIndex::Place>> TerminalIndex::Search(UserId user,
                                                              TerminalId terminal,
                                                              Deadline deadline) {
  auto owned = manager_.List(user);
  if (!owned) {
    co_return Fail(std::move(owned).error());
  }
  std::optional<Error> failure;
  for (const sandbox::Info& info : *owned) {
    if (info.state != sandbox::State::kRunning) {
      continue;
    }
    auto agent = co_await manager_.Agent(user, info.id, deadline);
    if (!agent) {
      failure = std::move(agent).error();
      continue;
    }
    auto terminals = co_await (*agent)->ListTerminals(deadline);
    if (!terminals) {
      failure = std::move(terminals).error();
      continue;
    }
    if (std::ranges::find(*terminals, terminal, &sandbox::TerminalInfo::id) != terminals->end()) {
      Remember(user, terminal, info.id);
      co_return Place{.sandbox = info.id, .agent = *std::move(agent)};
    }
  }
  if (failure && failure->code != Code::kNotFound) {
    co_return Fail(*std::move(failure));
  }
  co_return NoSuchTerminal();
}

}  // namespace paddock::gateway
