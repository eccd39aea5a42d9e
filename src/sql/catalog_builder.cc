#include "sql/catalog_builder.h"

namespace paddock::sql {
namespace {

constexpr std::size_t kNamesMax = 10'000;  // of databases, of functions, of a table's indexes

}  // namespace

CatalogTable* CatalogBuilder::Find(std::string_view schema, std::string_view table) {
  const auto place = places_.find(Name(schema, table));
  return place == places_.end() ? nullptr : &catalog_.tables[place->second];
}

void CatalogBuilder::AddDatabase(std::string name) {
  if (catalog_.databases.size() == kNamesMax) {
    catalog_.truncated = true;
    return;
  }
  catalog_.databases.push_back(std::move(name));
}

void CatalogBuilder::AddTable(std::string_view schema,
                              std::string_view name,
                              std::string_view kind) {
  if (catalog_.tables.size() == kCatalogTablesMax) {
    catalog_.truncated = true;
    return;
  }
  const bool is_new = places_.emplace(Name(schema, name), catalog_.tables.size()).second;
  if (is_new) {
    catalog_.tables.push_back(
        {.schema = std::string(schema), .name = std::string(name), .kind = std::string(kind)});
  }
}

void CatalogBuilder::AddColumn(std::string_view schema,
                               std::string_view table,
                               CatalogColumn column) {
  if (column_count_ == kCatalogColumnsMax) {
    catalog_.truncated = true;
    return;
  }
  if (CatalogTable* found = Find(schema, table)) {
    ++column_count_;
    found->columns.push_back(std::move(column));
  }
}

void CatalogBuilder::AddKeyColumn(std::string_view schema,
                                  std::string_view table,
                                  KeyColumn key_column) {
  CatalogTable* found = Find(schema, table);
  if (found == nullptr) {
    return;
  }
  std::string key(schema);
  for (const std::string_view part : {table, std::string_view(key_column.name)}) {
    key += '\0';
    key += part;
  }
  if (key != last_key_) {
    last_key_ = std::move(key);
    found->keys.push_back({.kind = key_column.kind,
                           .columns = {},
                           .to_schema = std::move(key_column.to_schema),
                           .to_table = std::move(key_column.to_table)});
  }
  found->keys.back().columns.push_back(std::move(key_column.column));
  if (!key_column.to_column.empty()) {
    found->keys.back().to_columns.push_back(std::move(key_column.to_column));
  }
}

void CatalogBuilder::AddIndex(std::string_view schema, std::string_view table, std::string name) {
  CatalogTable* found = Find(schema, table);
  if (found != nullptr && found->indexes.size() < kNamesMax) {
    found->indexes.push_back(std::move(name));
  }
}

void CatalogBuilder::AddFunction(std::string name) {
  if (catalog_.functions.size() == kNamesMax) {
    catalog_.truncated = true;
    return;
  }
  catalog_.functions.push_back(std::move(name));
}

Catalog CatalogBuilder::Take() && { return std::move(catalog_); }

}  // namespace paddock::sql
