#include "drivers/oci/id_ranges.h"

#include <algorithm>

#include <fmt/format.h>

#include "drivers/oci/config.h"

namespace paddock::drivers::oci {

std::size_t IdRanges::IndexOf(std::uint32_t first) const noexcept {
  const bool is_ours = first >= base_ && (first - base_) % kIdCountPerSandbox == 0;
  return is_ours ? (first - base_) / kIdCountPerSandbox : taken_.size();
}

Result<std::uint32_t> IdRanges::Take() {
  const auto free = std::ranges::find(taken_, false);
  if (free == taken_.end()) {
    return Fail(Code::kExhausted,
                fmt::format("all {} id ranges are in use by sandboxes", taken_.size()));
  }
  *free = true;
  const auto index = static_cast<std::uint32_t>(free - taken_.begin());
  return base_ + index * kIdCountPerSandbox;
}

Result<void> IdRanges::Claim(std::uint32_t first) {
  const std::size_t index = IndexOf(first);
  if (index >= taken_.size() || taken_[index]) {
    return Fail(Code::kConflict, fmt::format("id range {} is taken or not of this node", first));
  }
  taken_[index] = true;
  return {};
}

void IdRanges::GiveBack(std::uint32_t first) noexcept {
  const std::size_t index = IndexOf(first);
  if (index < taken_.size()) {
    taken_[index] = false;
  }
}

}  // namespace paddock::drivers::oci
