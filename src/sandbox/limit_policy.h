// LimitPolicy: which limits a sandbox may be created with.
//
// The server has one, from its flags; with a user's Allowance it becomes that user's. Used by
// Manager, which holds every request against it, and by the gateway's routes, which show it.
// A value type; any thread.
#pragma once

#include <chrono>

#include "base/result.h"
#include "base/units.h"
#include "sandbox/driver.h"

namespace paddock::sandbox {

/// What users may ask for: each field between `min` and `max`, `initial` when they do not ask.
struct LimitPolicy {
  Limits min{.memory = 32_MiB,
             .cpu = {50},
             .process_count_max = 16,
             .disk = 32_MiB,
             .inode_count_max = 1024,
             .lifetime_max = std::chrono::seconds(10)};
  Limits initial;
  Limits max{.memory = 4_GiB,
             .cpu = {4000},
             .process_count_max = 4096,
             .disk = 16_GiB,
             .inode_count_max = 1'048'576,
             .lifetime_max = std::chrono::hours(24)};

  /// Fails with kInvalid, naming the field as the API does, and its bounds.
  [[nodiscard]] Result<void> Check(const Limits& limits) const;

  /// This policy under a second ceiling: of each field the smaller `max`, and an `initial` that is
  /// not above it, so that who asks for nothing is never refused for asking too much. A ceiling
  /// below `min` leaves nothing that is allowed.
  [[nodiscard]] LimitPolicy Under(const Limits& ceiling) const;
};

}  // namespace paddock::sandbox
