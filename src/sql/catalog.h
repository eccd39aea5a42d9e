// Catalog: what is in a database, for completion, the schema browser and the picture of it.
//
// Read live by Session::Describe. Threading: plain values.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace paddock::sql {

struct CatalogColumn {
  std::string name;
  std::string type;
  bool nullable = true;
  std::string default_text = {};  // NOLINT: may be left out
  bool is_tag = false;            // of a KWDB time-series table
};

struct Key {
  enum class Kind { kPrimary, kUnique, kForeign };
  Kind kind = Kind::kPrimary;
  std::vector<std::string> columns;
  // Of a foreign key.
  std::string to_schema = {};                // NOLINT: may be left out
  std::string to_table = {};                 // NOLINT: may be left out
  std::vector<std::string> to_columns = {};  // NOLINT: may be left out
};

struct CatalogTable {
  std::string schema;  // "public", "main", MariaDB's database
  std::string name;
  std::string kind = "table";               // "table", "view", "time series"
  std::vector<CatalogColumn> columns = {};  // NOLINT: may be left out
  std::vector<Key> keys = {};               // NOLINT: may be left out
  std::vector<std::string> indexes = {};    // NOLINT: may be left out
};

struct Catalog {
  std::string database;
  std::vector<std::string> databases = {};  // NOLINT: may be left out
  std::vector<CatalogTable> tables = {};    // NOLINT: by schema and name; columns in their order
  std::vector<std::string> functions = {};  // NOLINT: may be left out
  bool truncated = false;                   // there was more than the limits below
};

inline constexpr std::size_t kCatalogTablesMax = 2'000;
inline constexpr std::size_t kCatalogColumnsMax = 20'000;

}  // namespace paddock::sql
