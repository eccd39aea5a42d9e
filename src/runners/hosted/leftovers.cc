#include "runners/hosted/leftovers.h"

#include <utility>

#include "base/log.h"

namespace paddock::runners::hosted {

aio::Task<Result<void>> Leftovers::Remove(Deadline deadline) {
  auto pass = co_await gate_.Enter(deadline);
  if (!pass) {
    co_return Fail(std::move(pass).error());
  }
  if (is_done_) {
    co_return Result<void>();
  }
  auto listed = co_await driver_.List(deadline);
  if (!listed) {
    co_return Fail(std::move(listed).error());
  }
  for (const sandbox::Info& info : *listed) {
    if (info.owner != owner_) {
      continue;
    }
    auto destroyed = co_await driver_.Destroy(info.id, deadline);
    if (!destroyed) {
      co_return destroyed;
    }
    log::Info("sandbox {} of an earlier server is removed", info.id.value());
  }
  is_done_ = true;
  co_return Result<void>();
}

}  // namespace paddock::runners::hosted
