#include "agent/terminal/output_ring.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.h"

namespace paddock::agent::terminal {
namespace {

constexpr std::size_t kCapacityMin = 4096;

}  // namespace

OutputRing::OutputRing(std::size_t size_max) : size_max_(size_max) {
  PADDOCK_CHECK(std::has_single_bit(size_max) && size_max >= kCapacityMin);
}

OutputRing::Views OutputRing::PushedOutBy(std::size_t count) const noexcept {
  if (size_ + count <= size_max_) {
    return {};
  }
  return View(begin(), std::min(size_ + count - size_max_, size_));
}

void OutputRing::Append(std::string_view bytes) {
  PADDOCK_CHECK(bytes.size() <= size_max_);
  const std::size_t size_needed = std::min(size_ + bytes.size(), size_max_);
  if (size_needed > capacity_) {
    Grow(size_needed);
  }
  const std::size_t place = end_ & (capacity_ - 1);
  const std::size_t before_wrap = std::min(bytes.size(), capacity_ - place);
  if (!bytes.empty()) {
    std::memcpy(bytes_.get() + place, bytes.data(), before_wrap);
    std::memcpy(bytes_.get(), bytes.data() + before_wrap, bytes.size() - before_wrap);
  }
  end_ += bytes.size();
  size_ = size_needed;
}

OutputRing::Views OutputRing::View(std::uint64_t offset, std::size_t count) const noexcept {
  PADDOCK_CHECK(offset >= begin() && offset <= end_);
  count = std::min<std::uint64_t>(count, end_ - offset);
  if (count == 0) {
    return {};
  }
  const std::size_t place = offset & (capacity_ - 1);
  const std::size_t before_wrap = std::min(count, capacity_ - place);
  return {std::string_view(bytes_.get() + place, before_wrap),
          std::string_view(bytes_.get(), count - before_wrap)};
}

unsigned char OutputRing::At(std::uint64_t offset) const noexcept {
  PADDOCK_CHECK(offset >= begin() && offset < end_);
  return static_cast<unsigned char>(bytes_[offset & (capacity_ - 1)]);
}

void OutputRing::Grow(std::size_t size_needed) {
  const std::size_t capacity = std::max(kCapacityMin, std::bit_ceil(size_needed));
  auto grown = std::make_unique_for_overwrite<char[]>(capacity);
  // Views are taken with the old capacity, and each byte goes to its place in the new one.
  std::uint64_t offset = begin();
  for (std::string_view piece : View(offset, size_)) {
    while (!piece.empty()) {
      const std::size_t place = offset & (capacity - 1);
      const std::size_t count = std::min(piece.size(), capacity - place);
      std::memcpy(grown.get() + place, piece.data(), count);
      piece.remove_prefix(count);
      offset += count;
    }
  }
  bytes_ = std::move(grown);
  capacity_ = capacity;
}

}  // namespace paddock::agent::terminal
