#include "engines/mariadb/catalog.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "sql/catalog_builder.h"

namespace paddock::engines::mariadb {
namespace {

constexpr std::size_t kDatabasesMax = 1'000;
constexpr std::size_t kIndexesMax = 10'000;
constexpr std::size_t kFunctionsMax = 2'000;

std::string KindOf(std::string_view table_type) {
  if (table_type == "VIEW" || table_type == "SYSTEM VIEW") {
    return "view";
  }
  return table_type == "SEQUENCE" ? "sequence" : "table";
}

sql::Key::Kind KeyKindOf(std::string_view constraint_type) {
  if (constraint_type == "PRIMARY KEY") {
    return sql::Key::Kind::kPrimary;
  }
  return constraint_type == "FOREIGN KEY" ? sql::Key::Kind::kForeign : sql::Key::Kind::kUnique;
}

std::string DefaultOf(const sql::AnswerRow& row, std::size_t column) {
  const std::string text = row.String(column);
  return text == "NULL" ? "" : text;
}

}  // namespace

std::array<std::string, kCatalogQueryCount> CatalogQueries() {
  return {
      "SELECT DATABASE()",
      fmt::format(
          "SELECT schema_name FROM information_schema.schemata ORDER BY schema_name LIMIT {}",
          kDatabasesMax),
      fmt::format("SELECT table_schema, table_name, table_type FROM information_schema.tables "
                  "WHERE table_schema = DATABASE() ORDER BY table_name LIMIT {}",
                  sql::kCatalogTablesMax + 1),
      fmt::format("SELECT table_schema, table_name, column_name, column_type, is_nullable, "
                  "column_default FROM information_schema.columns "
                  "WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position LIMIT {}",
                  sql::kCatalogColumnsMax + 1),
      fmt::format("SELECT k.table_schema, k.table_name, k.constraint_name, c.constraint_type, "
                  "k.column_name, k.referenced_table_schema, k.referenced_table_name, "
                  "k.referenced_column_name FROM information_schema.key_column_usage AS k "
                  "JOIN information_schema.table_constraints AS c "
                  "ON c.constraint_schema = k.constraint_schema AND c.table_name = k.table_name "
                  "AND c.constraint_name = k.constraint_name WHERE k.table_schema = DATABASE() "
                  "ORDER BY k.table_name, c.constraint_type <> 'PRIMARY KEY', k.constraint_name, "
                  "k.ordinal_position LIMIT {}",
                  sql::kCatalogColumnsMax),
      fmt::format("SELECT DISTINCT table_schema, table_name, index_name "
                  "FROM information_schema.statistics WHERE table_schema = DATABASE() "
                  "ORDER BY table_name, index_name LIMIT {}",
                  kIndexesMax),
      fmt::format("SELECT routine_name FROM information_schema.routines "
                  "WHERE routine_schema = DATABASE() ORDER BY routine_name LIMIT {}",
                  kFunctionsMax)};
}

sql::Catalog ReadCatalog(const std::array<sql::AnswerTable, kCatalogQueryCount>& answers) {
  const auto current = answers[0].rows();
  sql::CatalogBuilder builder(current.empty() ? "" : current.front().String(0));
  for (const sql::AnswerRow& row : answers[1].rows()) {
    builder.AddDatabase(row.String(0));
  }
  for (const sql::AnswerRow& row : answers[2].rows()) {
    builder.AddTable(row.Text(0), row.Text(1), KindOf(row.Text(2)));
  }
  for (const sql::AnswerRow& row : answers[3].rows()) {
    builder.AddColumn(row.Text(0), row.Text(1),
                      {.name = row.String(2),
                       .type = row.String(3),
                       .nullable = row.Text(4) == "YES",
                       .default_text = DefaultOf(row, 5)});
  }
  for (const sql::AnswerRow& row : answers[4].rows()) {
    builder.AddKeyColumn(row.Text(0), row.Text(1),
                         {.name = row.String(2),
                          .kind = KeyKindOf(row.Text(3)),
                          .column = row.String(4),
                          .to_schema = row.String(5),
                          .to_table = row.String(6),
                          .to_column = row.String(7)});
  }
  for (const sql::AnswerRow& row : answers[5].rows()) {
    builder.AddIndex(row.Text(0), row.Text(1), row.String(2));
  }
  for (const sql::AnswerRow& row : answers[6].rows()) {
    builder.AddFunction(row.String(0));
  }
  return std::move(builder).Take();
}

}  // namespace paddock::engines::mariadb
