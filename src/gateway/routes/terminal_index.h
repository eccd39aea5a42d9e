// TerminalIndex: in which sandbox a terminal is.
//
// The agents own the terminals and the server keeps no list, so that a restart loses nothing. A
// terminal's address does not name its sandbox; this remembers what was seen, and asks all running
// sandboxes of the user for what was not: after a restart, once.
//
// Threading: loop thread only. Ownership: the manager outlives it.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "model/ids.h"
#include "sandbox/manager.h"

namespace paddock::gateway {

class TerminalIndex {
 public:
  static constexpr std::size_t kRememberedMax = 65'536;

  explicit TerminalIndex(sandbox::Manager& manager) : manager_(manager) {}

  /// What an agent says counts for its own user only: it may claim any id.
  void Remember(const UserId& user, const TerminalId& terminal, const SandboxId& sandbox);
  void Forget(const UserId& user, const TerminalId& terminal);

  struct Place {
    SandboxId sandbox;
    sandbox::AgentRef agent;
  };
  /// Where `terminal` of `user` is. kNotFound: nowhere, or it is somebody else's. kUnavailable: a
  /// sandbox that may have it does not answer.
  [[nodiscard]] aio::Task<Result<Place>> Find(UserId user, TerminalId terminal, Deadline deadline);

 private:
  [[nodiscard]] aio::Task<Result<Place>> Search(UserId user,
                                                TerminalId terminal,
                                                Deadline deadline);

  sandbox::Manager& manager_;
  using Key = std::pair<UserId, TerminalId>;
  std::map<Key, SandboxId> sandboxes_;
  std::deque<Key> oldest_first_;  // may hold forgotten ones
};

}  // namespace paddock::gateway
