// OutputRing: the last bytes that a terminal printed, addressed by their offset since it was
// opened.
//
// Memory follows need: it starts empty and doubles up to `size_max`, so that a terminal that
// printed a prompt costs 4 KiB. Threading: one thread. Views are valid until the next Append.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace paddock::agent::terminal {

class OutputRing {
 public:
  using Views = std::array<std::string_view, 2>;  // in order; the second may be empty

  /// `size_max` is a power of two, at least 4 KiB.
  explicit OutputRing(std::size_t size_max);

  /// Offsets of the oldest byte held and of the next byte to come.
  [[nodiscard]] std::uint64_t begin() const noexcept { return end_ - size_; }
  [[nodiscard]] std::uint64_t end() const noexcept { return end_; }
  [[nodiscard]] std::size_t size_max() const noexcept { return size_max_; }
  [[nodiscard]] std::size_t memory_size() const noexcept { return capacity_; }

  /// What an Append of `count` bytes is going to push out, oldest first. `count` <= size_max().
  [[nodiscard]] Views PushedOutBy(std::size_t count) const noexcept;
  /// Adds `bytes`, at most size_max().
  void Append(std::string_view bytes);

  /// The bytes from `offset` on, at most `count`; `offset` lies in [begin(), end()].
  [[nodiscard]] Views View(std::uint64_t offset, std::size_t count) const noexcept;
  [[nodiscard]] unsigned char At(std::uint64_t offset) const noexcept;

 private:
  void Grow(std::size_t size_needed);

  std::unique_ptr<char[]> bytes_;  // a byte's place is its offset modulo capacity_
  std::size_t capacity_ = 0;       // zero or a power of two
  std::size_t size_max_;
  std::size_t size_ = 0;
  std::uint64_t end_ = 0;
};

}  // namespace paddock::agent::terminal
