// OrderRows: the rows of a stored result, filtered and sorted.
//
// Used by StoredResult, on the pool. Threading: any; blocks while pages of the file come.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/rows.h"
#include "sqlrunner/client_message.h"
#include "sqlrunner/spill_file.h"

namespace paddock::sqlrunner {

/// The numbers of the rows that stay, in their order: stable; numbers by value, exactly; numbers
/// before texts; NULL last in both directions. Fails with kInvalid (no such column) or
/// kUnavailable.
[[nodiscard]] Result<std::vector<std::uint32_t>> OrderRows(const SpillSnapshot& snapshot,
                                                           const Arrangement& arrangement);

/// Less than, equal to or greater than zero. Of two numbers in decimal digits, exactly; what has
/// an exponent, or is no number, comes after those and is equal to its like.
[[nodiscard]] int CompareDecimals(std::string_view a, std::string_view b) noexcept;

/// Whether `text` has `lower_part` in it, whatever the case of ASCII letters in `text`.
[[nodiscard]] bool ContainsIgnoringCase(std::string_view text,
                                        std::string_view lower_part) noexcept;

}  // namespace paddock::sqlrunner
