// BodyBudget: how many bytes of buffered bodies all connections may hold together.
//
// One per server. Each body has its own limit; this is the one that many clients meet at once, and
// they are told 503 instead of the process growing. Threading: loop thread only. Ownership: the
// budget outlives its holds.
#pragma once

#include <cstddef>
#include <utility>

namespace paddock::gateway {

class BodyBudget {
 public:
  explicit BodyBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  BodyBudget(const BodyBudget&) = delete;
  BodyBudget& operator=(const BodyBudget&) = delete;

  /// What one body has taken; gives it back.
  class Hold {
   public:
    Hold() = default;
    Hold(Hold&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
    Hold& operator=(Hold&& other) noexcept {
      std::swap(budget_, other.budget_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold() {
      if (budget_ != nullptr) {
        budget_->taken_ -= bytes_;
      }
    }

    /// Takes `more` from `budget`; false, and nothing taken, when that is not left.
    [[nodiscard]] bool Grow(BodyBudget& budget, std::size_t more) {
      if (more > budget.bytes_max_ - budget.taken_) {
        return false;
      }
      budget_ = &budget;
      budget.taken_ += more;
      bytes_ += more;
      return true;
    }

   private:
    BodyBudget* budget_ = nullptr;
    std::size_t bytes_ = 0;
  };

  [[nodiscard]] std::size_t taken() const noexcept { return taken_; }

 private:
  std::size_t bytes_max_;
  std::size_t taken_ = 0;
};

}  // namespace paddock::gateway
