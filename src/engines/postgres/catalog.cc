#include "engines/postgres/catalog.h"

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "sql/catalog_builder.h"

namespace paddock::engines::postgres {
namespace {

constexpr std::size_t kDatabasesMax = 1'000;
constexpr std::size_t kFunctionsMax = 2'000;
constexpr std::size_t kIndexesMax = 10'000;

// Of people's schemas, and of this session's temporary tables.
constexpr std::string_view kOurs =
    "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast' "
    "AND (n.nspname !~ '^pg_temp' OR n.oid = pg_catalog.pg_my_temp_schema())";

constexpr std::string_view kQueries =
    "SELECT pg_catalog.current_database();"
    "SELECT datname FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate "
    "ORDER BY datname LIMIT {databases};"
    "SELECT n.nspname, c.relname, CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN "
    "'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' END "
    "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {ours} "
    "ORDER BY n.nspname, c.relname LIMIT {tables};"
    "SELECT n.nspname, c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), "
    "NOT a.attnotnull, pg_catalog.pg_get_expr(d.adbin, d.adrelid) "
    "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
    "WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f') "
    "AND {ours} ORDER BY n.nspname, c.relname, a.attnum LIMIT {columns};"
    "SELECT n.nspname, c.relname, k.conname, k.contype, a.attname, fn.nspname, fc.relname, "
    "fa.attname FROM pg_catalog.pg_constraint k "
    "JOIN pg_catalog.pg_class c ON c.oid = k.conrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "CROSS JOIN LATERAL pg_catalog.generate_subscripts(k.conkey, 1) AS s(i) "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[s.i] "
    "LEFT JOIN pg_catalog.pg_class fc ON fc.oid = k.confrelid "
    "LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = fc.relnamespace "
    "LEFT JOIN pg_catalog.pg_attribute fa ON fa.attrelid = k.confrelid "
    "AND fa.attnum = k.confkey[s.i] "
    "WHERE k.contype IN ('p', 'u', 'f') AND {ours} "
    "ORDER BY n.nspname, c.relname, k.contype = 'p' DESC, k.conname, s.i LIMIT {columns};"
    "SELECT n.nspname, c.relname, ic.relname FROM pg_catalog.pg_index i "
    "JOIN pg_catalog.pg_class c ON c.oid = i.indrelid "
    "JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE {ours} ORDER BY n.nspname, c.relname, ic.relname LIMIT {indexes};"
    "SELECT DISTINCT p.proname FROM pg_catalog.pg_proc p "
    "JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
    "WHERE {ours} ORDER BY p.proname LIMIT {functions}";

sql::Key::Kind KindOf(std::string_view type) {
  if (type == "p") {
    return sql::Key::Kind::kPrimary;
  }
  return type == "f" ? sql::Key::Kind::kForeign : sql::Key::Kind::kUnique;
}

}  // namespace

std::string CatalogQueries() {
  // One more than there may be, to know that there is more.
  return fmt::format(fmt::runtime(kQueries), fmt::arg("ours", kOurs),
                     fmt::arg("databases", kDatabasesMax),
                     fmt::arg("tables", sql::kCatalogTablesMax + 1),
                     fmt::arg("columns", sql::kCatalogColumnsMax + 1),
                     fmt::arg("indexes", kIndexesMax), fmt::arg("functions", kFunctionsMax));
}

sql::Catalog ReadCatalog(const sql::Answer& answer) {
  sql::CatalogBuilder builder(answer.value());
  for (const sql::AnswerRow& row : answer.table(1).rows()) {
    builder.AddDatabase(row.String(0));
  }
  for (const sql::AnswerRow& row : answer.table(2).rows()) {
    builder.AddTable(row.Text(0), row.Text(1), row.Text(2));
  }
  for (const sql::AnswerRow& row : answer.table(3).rows()) {
    builder.AddColumn(row.Text(0), row.Text(1),
                      {.name = row.String(2),
                       .type = row.String(3),
                       .nullable = row.Text(4) == "true",
                       .default_text = row.String(5)});
  }
  for (const sql::AnswerRow& row : answer.table(4).rows()) {
    builder.AddKeyColumn(row.Text(0), row.Text(1),
                         {.name = row.String(2),
                          .kind = KindOf(row.Text(3)),
                          .column = row.String(4),
                          .to_schema = row.String(5),
                          .to_table = row.String(6),
                          .to_column = row.String(7)});
  }
  for (const sql::AnswerRow& row : answer.table(5).rows()) {
    builder.AddIndex(row.Text(0), row.Text(1), row.String(2));
  }
  for (const sql::AnswerRow& row : answer.table(6).rows()) {
    builder.AddFunction(row.String(0));
  }
  return std::move(builder).Take();
}

}  // namespace paddock::engines::postgres
