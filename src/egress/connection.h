// Connect: a connection to a named host, to an address that the rules allow.
//
// Every address of the name is checked, and what was checked is dialled: the name is not asked
// again. Used by sqlrunner for registered databases. Threading: loop thread.
#pragma once

#include <cstdint>
#include <string>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "egress/rules.h"

namespace paddock::egress {

struct Destination {
  std::string host;  // a name or an address
  std::uint16_t port = 0;
};

/// A connected, non-blocking socket. Fails with kDenied (one of the addresses is not allowed),
/// kUnavailable (no such name, or nobody answers), kDeadlineExceeded or kCancelled, in words for
/// the user.
[[nodiscard]] aio::Task<Result<UniqueFd>> Connect(Destination destination,
                                                  const Rules& rules,  // outlives the task
                                                  Deadline deadline);

}  // namespace paddock::egress
