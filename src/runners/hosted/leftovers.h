// Leftovers: removes the sandboxes that an earlier server had for itself, under the same owner.
//
// Used by HostedServer, before it makes its own, and by app/ when the server starts: a server that
// was killed could not remove them, and its passwords are gone with it.
// Threading: loop thread. Ownership: the driver outlives it; it outlives its calls.
#pragma once

#include <utility>

#include "aio/gate.h"
#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "model/ids.h"
#include "sandbox/driver.h"

namespace paddock::runners::hosted {

class Leftovers {
 public:
  Leftovers(sandbox::Driver& driver, UserId owner) : driver_(driver), owner_(std::move(owner)) {}

  /// Of this process's sandboxes.
  [[nodiscard]] const UserId& owner() const noexcept { return owner_; }
  /// Once; after that it has succeeded already. Fails like sandbox::Driver::List and Destroy.
  [[nodiscard]] aio::Task<Result<void>> Remove(Deadline deadline);

 private:
  sandbox::Driver& driver_;
  UserId owner_;
  aio::Gate gate_;
  bool is_done_ = false;
};

}  // namespace paddock::runners::hosted
