// OwnerLease: under which owner this process keeps its sandboxes, for as long as it lives.
//
// Used by app/. The owner is kept in a file that the process locks, so that of several servers with
// one directory each has another, and whoever starts after one that was killed has that one's: what
// it finds under it is left behind. Blocks; used at start. Ownership: the lock is the object's.
#pragma once

#include <filesystem>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"
#include "model/ids.h"

namespace paddock::runners::hosted {

inline constexpr int kOwnersMax = 16;  // servers with one directory

class OwnerLease {
 public:
  /// The first owner in `directory` that no living process has. Fails with kUnavailable (the
  /// directory cannot be written) or kExhausted (kOwnersMax processes have one).
  [[nodiscard]] static Result<OwnerLease> Take(const std::filesystem::path& directory);

  [[nodiscard]] const UserId& owner() const noexcept { return owner_; }

 private:
  OwnerLease(UniqueFd lock, UserId owner) : lock_(std::move(lock)), owner_(std::move(owner)) {}

  UniqueFd lock_;
  UserId owner_;
};

}  // namespace paddock::runners::hosted
