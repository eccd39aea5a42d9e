// CatalogBuilder: puts a catalog together from rows, as databases give them, within its limits.
//
// Used by the engines. What belongs to a table that was not added is left out. Threading: one
// thread.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "sql/catalog.h"

namespace paddock::sql {

/// One column of a key; a key's follow each other, in their order.
struct KeyColumn {
  std::string name;  // of the key: those of one name are one key
  Key::Kind kind = Key::Kind::kPrimary;
  std::string column;
  std::string to_schema = {};  // NOLINT: may be left out
  std::string to_table = {};   // NOLINT: may be left out
  std::string to_column = {};  // NOLINT: may be left out
};

class CatalogBuilder {
 public:
  explicit CatalogBuilder(std::string database) { catalog_.database = std::move(database); }

  void AddDatabase(std::string name);
  void AddTable(std::string_view schema, std::string_view name, std::string_view kind);
  void AddColumn(std::string_view schema, std::string_view table, CatalogColumn column);
  void AddKeyColumn(std::string_view schema, std::string_view table, KeyColumn key_column);
  void AddIndex(std::string_view schema, std::string_view table, std::string name);
  void AddFunction(std::string name);

  [[nodiscard]] Catalog Take() &&;

 private:
  using Name = std::pair<std::string, std::string>;
  [[nodiscard]] CatalogTable* Find(std::string_view schema, std::string_view table);

  Catalog catalog_;
  std::map<Name, std::size_t> places_;
  std::string last_key_;  // the key that the next column may belong to
  std::size_t column_count_ = 0;
};

}  // namespace paddock::sql
