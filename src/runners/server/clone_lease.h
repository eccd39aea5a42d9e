// ClonePool::Lease: a place in which somebody runs. Used by ServerRunner and by ClonePool.
#pragma once

#include <utility>

#include "runners/server/clone_pool.h"

namespace paddock::runners::server {

/// A place of one run. Move-only; the destructor gives it back.
class ClonePool::Lease {
 public:
  Lease(ClonePool& pool, ShelfRef shelf, Use use, ReadyPlace place)
      : pool_(&pool), shelf_(std::move(shelf)), use_(use), place_(std::move(place)) {}
  Lease(Lease&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)),
        shelf_(std::move(other.shelf_)),
        use_(other.use_),
        place_(std::move(other.place_)) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (pool_ != nullptr) {
      pool_->GiveBack(shelf_, use_, std::move(place_));
    }
  }

  [[nodiscard]] sql::Session& session() const noexcept { return *place_.place.session; }
  [[nodiscard]] Use use() const noexcept { return use_; }

 private:
  ClonePool* pool_;
  ShelfRef shelf_;
  Use use_;
  ReadyPlace place_;
};

}  // namespace paddock::runners::server
