// The tables of the schema, for whatever handles all of them alike: export and import.
//
// Whoever adds a table or a column in a migration adds it to tables.cc; a test compares the two.
// Usable from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace paddock::store {

enum class ColumnType : std::uint8_t { kText, kInteger, kReal, kBytes };

struct Column {
  std::string_view name;
  ColumnType type = ColumnType::kText;
};

/// Every table has `namespace TEXT` as the first column of its primary key; it is not listed.
struct Table {
  std::string_view name;
  std::size_t key_count = 1;  // so many of `columns`, the first, are the rest of the primary key
  std::span<const Column> columns;
};

/// Each after those that its foreign keys refer to.
[[nodiscard]] std::span<const Table> Tables();

}  // namespace paddock::store
