// Leftovers: removes the sandboxes that an earlier server had for itself.
//
// Used by HostedServer, before it makes its own, and by app/ when the server starts: a server that
// was killed could not remove them, and its passwords are gone with it.
// Threading: loop thread. Ownership: the driver outlives it; it outlives its calls.
#pragma once

#include "aio/gate.h"
#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "sandbox/driver.h"

namespace paddock::runners::hosted {

class Leftovers {
 public:
  explicit Leftovers(sandbox::Driver& driver) : driver_(driver) {}

  /// Once; after that it has succeeded already. Fails like sandbox::Driver::List and Destroy.
  [[nodiscard]] aio::Task<Result<void>> Remove(Deadline deadline);

 private:
  sandbox::Driver& driver_;
  aio::Gate gate_;
  bool is_done_ = false;
};

}  // namespace paddock::runners::hosted
