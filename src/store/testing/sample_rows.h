// SampleRows: rows of every table of the schema, made from the list of tables alone.
//
// All texts of a row are the same, so that whatever refers to something finds it.
#pragma once

#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "store/database.h"
#include "store/tables.h"

namespace paddock::store::testing {

[[nodiscard]] inline Value SampleValue(ColumnType type, std::int64_t number) {
  switch (type) {
    case ColumnType::kText: return fmt::format("{:05} ü🐎 '\"\\?$1\n", number);
    case ColumnType::kInteger: return (std::int64_t{1} << 53) + number;
    case ColumnType::kReal: return static_cast<double>(number) / 3;
    case ColumnType::kBytes: return Bytes{fmt::format("{}\0\xFF", number)};
  }
  return {};
}

/// One row of each table.
[[nodiscard]] inline Transaction SampleRows(const std::string& name_space, std::int64_t number) {
  Transaction transaction;
  for (const Table& table : Tables()) {
    std::string columns = "namespace";
    std::string places = "?";
    Statement insert{.sql = "", .values = {name_space}};
    for (const Column& column : table.columns) {
      columns += fmt::format(", {}", column.name);
      places += ", ?";
      insert.values.push_back(SampleValue(column.type, number));
    }
    insert.sql = fmt::format("INSERT INTO {} ({}) VALUES ({})", table.name, columns, places);
    transaction.push_back(std::move(insert));
  }
  return transaction;
}

}  // namespace paddock::store::testing
