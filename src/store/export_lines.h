// The lines of an export: how each is written, and how hostile ones are read.
//
// Used by Export and Import. Threading: plain functions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/database.h"
#include "store/tables.h"

namespace paddock::store {

/// The first line.
struct ExportHeader {
  std::int64_t format = 0;
  std::string name_space;
  std::int64_t schema_version = 0;
  std::map<std::string, std::int64_t> row_counts;  // by table
};

/// The last line.
struct ExportEnd {
  std::int64_t row_count = 0;
  std::string checksum;  // SHA-256 of all bytes before this line
};

[[nodiscard]] std::string WriteHeader(const ExportHeader& header);
[[nodiscard]] std::string WriteEnd(const ExportEnd& end);
/// `row` has the values of `table`'s columns.
[[nodiscard]] std::string WriteRow(const Table& table, const Row& row);

/// These fail with kInvalid, in words without a line number.
[[nodiscard]] Result<ExportHeader> ReadHeader(std::string_view line);

/// A line after the first: a row of the table named in it, or the end.
struct ExportLine {
  const Table* table = nullptr;  // none: the end
  Row row;
  ExportEnd end;
};
[[nodiscard]] Result<ExportLine> ReadExportLine(std::string_view line);

}  // namespace paddock::store
