// IdRanges: hands out ranges of 64 Ki host ids, one per sandbox, so that no two sandboxes share an
// owner of files, a keyring or a per-user kernel limit.
//
// Threading: loop thread only. What is taken is remembered by the journal, not here.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"

namespace paddock::drivers::oci {

class IdRanges {
 public:
  /// Ranges start at `base`; at most `count` exist.
  IdRanges(std::uint32_t base, int count) : base_(base), taken_(static_cast<std::size_t>(count)) {}

  /// The first id of a free range. Fails with kExhausted.
  [[nodiscard]] Result<std::uint32_t> Take();

  /// Marks a range found in the journal as taken. Fails with kConflict (taken, or not ours).
  [[nodiscard]] Result<void> Claim(std::uint32_t first);

  void GiveBack(std::uint32_t first) noexcept;

 private:
  [[nodiscard]] std::size_t IndexOf(std::uint32_t first) const noexcept;

  std::uint32_t base_;
  std::vector<bool> taken_;
};

}  // namespace paddock::drivers::oci
