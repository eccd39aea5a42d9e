// UserQuota: how many things of one sort each user may have open at once.
//
// Used for sandboxes being made, running commands, WebSockets and event streams. Each place gives
// itself back. A user without places is not in the table, so it needs no eviction.
//
// Threading: loop thread only. Ownership: the quota outlives its places.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "model/ids.h"

namespace paddock::identity {

class UserQuota {
 public:
  explicit UserQuota(int per_user_max) : per_user_max_(per_user_max) {}
  UserQuota(const UserQuota&) = delete;
  UserQuota& operator=(const UserQuota&) = delete;

  /// One taken place; move-only.
  class Place {
   public:
    Place(Place&& other) noexcept
        : quota_(std::exchange(other.quota_, nullptr)), user_(other.user_) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (quota_ != nullptr && --user_->second == 0) {
        quota_->taken_.erase(user_);
      }
    }

   private:
    friend class UserQuota;
    using Taken = std::map<UserId, int>;
    Place(UserQuota& quota, Taken::iterator user) : quota_(&quota), user_(user) {}
    UserQuota* quota_;
    Taken::iterator user_;
  };

  /// Nothing when `user` has all its places in use, counting `held_elsewhere` that live as long
  /// as something this quota does not see.
  [[nodiscard]] std::optional<Place> TryTake(const UserId& user, int held_elsewhere = 0) {
    const auto entry = taken_.try_emplace(user, 0).first;
    if (entry->second + held_elsewhere >= per_user_max_) {
      if (entry->second == 0) {
        taken_.erase(entry);
      }
      return std::nullopt;
    }
    ++entry->second;
    return Place(*this, entry);
  }

  [[nodiscard]] int per_user_max() const noexcept { return per_user_max_; }
  [[nodiscard]] std::size_t user_count() const noexcept { return taken_.size(); }

 private:
  int per_user_max_;
  std::map<UserId, int> taken_;
};

}  // namespace paddock::identity
