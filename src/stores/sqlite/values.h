// Values and codes of libsqlite3, and ours.
//
// Used by Connection only. Threading: that of the statement.
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"
#include "store/value.h"

struct sqlite3_stmt;

namespace paddock::stores::sqlite {

/// False when there are more or fewer values than places. `values` outlives the next reset.
[[nodiscard]] bool BindAll(sqlite3_stmt* statement, std::span<const store::Value> values);

/// The row that `statement` stands at; adds its bytes to `size`.
[[nodiscard]] store::Row ReadRow(sqlite3_stmt* statement, std::size_t& size);

/// What an extended result code means, together with the errno behind it, if any.
[[nodiscard]] Code CodeOf(int extended_code, int system_error) noexcept;

}  // namespace paddock::stores::sqlite
