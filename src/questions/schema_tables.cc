#include "questions/schema_tables.h"

#include <algorithm>
#include <string_view>

#include "base/log.h"

namespace paddock::questions {
namespace {

// Each asks two things. Of columns: table, name, type and place in the primary key (0: none). Of
// foreign keys, column by column: table, key, column, referred table and column (or NULL).
constexpr std::string_view kSqliteQuery =
    "SELECT m.name, p.name, p.type, p.pk FROM sqlite_master m JOIN pragma_table_info(m.name) p "
    "WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
    "ORDER BY m.name, p.cid; "
    "SELECT m.name, f.id, f.\"from\", f.\"table\", f.\"to\" FROM sqlite_master m "
    "JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' "
    "ORDER BY m.name, f.id, f.seq";
constexpr std::string_view kPostgresQuery =
    "SELECT c.table_name, c.column_name, c.data_type, COALESCE((SELECT k.ordinal_position "
    "FROM information_schema.table_constraints t JOIN information_schema.key_column_usage k "
    "USING (constraint_schema, constraint_name, table_name) "
    "WHERE t.constraint_type = 'PRIMARY KEY' AND t.table_schema = c.table_schema "
    "AND t.table_name = c.table_name AND k.column_name = c.column_name), 0) "
    "FROM information_schema.columns c WHERE c.table_schema = CURRENT_SCHEMA "
    "ORDER BY c.table_name, c.ordinal_position; "
    "SELECT r.relname, con.conname, a.attname, f.relname, fa.attname FROM pg_constraint con "
    "JOIN pg_class r ON r.oid = con.conrelid JOIN pg_class f ON f.oid = con.confrelid "
    "JOIN LATERAL unnest(con.conkey, con.confkey) WITH ORDINALITY AS k (col, ref, place) ON true "
    "JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.col "
    "JOIN pg_attribute fa ON fa.attrelid = con.confrelid AND fa.attnum = k.ref "
    "WHERE con.contype = 'f' ORDER BY r.relname, con.conname, k.place";
constexpr std::string_view kMariadbQuery =
    "SELECT c.table_name, c.column_name, c.column_type, COALESCE((SELECT k.ordinal_position "
    "FROM information_schema.key_column_usage k WHERE k.constraint_name = 'PRIMARY' "
    "AND k.table_schema = c.table_schema AND k.table_name = c.table_name "
    "AND k.column_name = c.column_name), 0) FROM information_schema.columns c "
    "WHERE c.table_schema = DATABASE() ORDER BY c.table_name, c.ordinal_position; "
    "SELECT k.table_name, k.constraint_name, k.column_name, k.referenced_table_name, "
    "k.referenced_column_name FROM information_schema.key_column_usage k "
    "WHERE k.table_schema = DATABASE() AND k.referenced_table_name IS NOT NULL "
    "ORDER BY k.table_name, k.constraint_name, k.ordinal_position";

std::string_view QueryOf(sql::Dialect dialect) {
  switch (dialect) {
    case sql::Dialect::kSqlite: return kSqliteQuery;
    case sql::Dialect::kMariadb: return kMariadbQuery;
    case sql::Dialect::kPostgres:
    case sql::Dialect::kKwdb: break;
  }
  return kPostgresQuery;
}

std::string TextAt(const sql::Rows& rows, std::size_t row, std::size_t column) {
  return std::string(rows.At(row, column).text);
}

std::vector<SchemaTable> ReadColumns(const sql::Rows& rows) {
  std::vector<SchemaTable> tables;
  for (std::size_t row = 0; row < rows.row_count(); ++row) {
    const std::string table = TextAt(rows, row, 0);
    if (tables.empty() || tables.back().name != table) {
      tables.push_back({.name = table, .columns = {}});
    }
    SchemaTable& current = tables.back();
    current.columns.emplace_back(TextAt(rows, row, 1), TextAt(rows, row, 2));
    if (rows.At(row, 3).text != "0") {
      if (current.keys.empty()) {
        current.keys.push_back({.columns = {}});
      }
      current.keys.front().columns.push_back(TextAt(rows, row, 1));
    }
  }
  return tables;
}

void ReadForeignKeys(const sql::Rows& rows, std::vector<SchemaTable>& tables) {
  std::string last;
  for (std::size_t row = 0; row < rows.row_count(); ++row) {
    const std::string name = TextAt(rows, row, 0);
    const auto table = std::ranges::find(tables, name, &SchemaTable::name);
    if (table == tables.end()) {
      continue;
    }
    const std::string key = name + '\0' + TextAt(rows, row, 1);
    if (key != last) {
      table->keys.push_back({.columns = {}, .to_table = TextAt(rows, row, 3)});
      last = key;
    }
    table->keys.back().columns.push_back(TextAt(rows, row, 2));
    if (!rows.At(row, 4).is_null()) {
      table->keys.back().to_columns.push_back(TextAt(rows, row, 4));
    }
  }
}

}  // namespace

aio::Task<Result<std::vector<SchemaTable>>> TablesOf(challenges::Runner& runner,
                                                     challenges::SchemaRef schema,
                                                     Deadline deadline) {
  challenges::RunRequest request{.schema = schema, .query = std::string(QueryOf(schema->dialect))};
  auto outcome = co_await runner.Run(std::move(request), deadline);
  if (!outcome) {
    co_return Fail(std::move(outcome).error());
  }
  constexpr std::size_t kColumnsOfKeys = 5;
  const auto& results = (*outcome)->results;
  if (!(*outcome)->is_whole() || results.size() != 2 || results[0].columns.size() != 4 ||
      results[1].columns.size() != kColumnsOfKeys) {
    log::Warn("the tables of a schema cannot be told: {}",
              (*outcome)->error ? (*outcome)->error->message : std::string("not whole"));
    co_return std::vector<SchemaTable>();
  }
  auto tables = ReadColumns(results[0].rows);
  ReadForeignKeys(results[1].rows, tables);
  co_return tables;
}

}  // namespace paddock::questions
