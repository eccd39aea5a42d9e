#include "engines/postgres/kwdb_catalog.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "sql/catalog_builder.h"

namespace paddock::engines::postgres {
namespace {

constexpr std::size_t kIndexesMax = 10'000;
constexpr std::size_t kFunctionsMax = 2'000;

constexpr std::string_view kTheirs =
    "table_schema NOT IN ('information_schema', 'pg_catalog', 'kwdb_internal', 'pg_extension')";

std::string QuotedName(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    quoted.append(c == '"' ? 2 : 1, c);
  }
  return quoted + "\"";
}

// "BASE TABLE" is a table to everybody else; the others are said as they are, in small letters.
std::string KindOf(std::string_view table_type) {
  if (table_type == "BASE TABLE" || table_type == "LOCAL TEMPORARY") {
    return "table";
  }
  std::string kind;
  for (const char c : table_type) {
    kind += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  constexpr std::string_view kSuffix = " table";
  if (kind.ends_with(kSuffix)) {
    kind.resize(kind.size() - kSuffix.size());
  }
  return kind;
}

sql::Key::Kind KeyKindOf(std::string_view constraint_type) {
  if (constraint_type == "PRIMARY KEY") {
    return sql::Key::Kind::kPrimary;
  }
  return constraint_type == "FOREIGN KEY" ? sql::Key::Kind::kForeign : sql::Key::Kind::kUnique;
}

}  // namespace

KwdbCatalogQueries MakeKwdbCatalogQueries(std::string_view database) {
  const std::string schema = QuotedName(database) + ".information_schema.";
  return {
      .databases = "SHOW DATABASES",
      .tables = fmt::format("SELECT table_schema, table_name, table_type FROM {}tables WHERE {} "
                            "ORDER BY table_schema, table_name LIMIT {}",
                            schema, kTheirs, sql::kCatalogTablesMax + 1),
      .columns =
          fmt::format("SELECT table_schema, table_name, column_name, kwdb_sql_type, is_nullable, "
                      "column_default, is_tag FROM {}columns WHERE {} AND is_hidden = 'NO' "
                      "ORDER BY table_schema, table_name, ordinal_position LIMIT {}",
                      schema, kTheirs, sql::kCatalogColumnsMax + 1),
      .keys = fmt::format(
          "SELECT k.table_schema, k.table_name, k.constraint_name, c.constraint_type, "
          "k.column_name FROM {0}key_column_usage AS k JOIN {0}table_constraints AS c "
          "ON c.table_schema = k.table_schema AND c.table_name = k.table_name "
          "AND c.constraint_name = k.constraint_name WHERE k.{1} "
          "ORDER BY k.table_schema, k.table_name, k.constraint_name, k.ordinal_position LIMIT {2}",
          schema, kTheirs, sql::kCatalogColumnsMax),
      .indexes = fmt::format(
          "SELECT DISTINCT table_schema, table_name, index_name FROM {}statistics WHERE {} "
          "ORDER BY table_schema, table_name, index_name LIMIT {}",
          schema, kTheirs, kIndexesMax),
      .functions = fmt::format("SELECT DISTINCT function FROM kwdb_internal.builtin_functions "
                               "ORDER BY function LIMIT {}",
                               kFunctionsMax)};
}

sql::Catalog ReadKwdbCatalog(const KwdbCatalogAnswers& answers) {
  sql::CatalogBuilder builder(answers.database);
  for (const sql::AnswerRow& row : answers.databases.rows()) {
    builder.AddDatabase(row.String(0));
  }
  for (const sql::AnswerRow& row : answers.tables.rows()) {
    builder.AddTable(row.Text(0), row.Text(1), KindOf(row.Text(2)));
  }
  for (const sql::AnswerRow& row : answers.columns.rows()) {
    builder.AddColumn(row.Text(0), row.Text(1),
                      {.name = row.String(2),
                       .type = row.String(3),
                       .nullable = row.Text(4) == "YES",
                       .default_text = row.String(5),
                       .is_tag = row.Text(6) == "YES" || row.Text(6) == "true"});
  }
  for (const sql::AnswerRow& row : answers.keys.rows()) {
    builder.AddKeyColumn(
        row.Text(0), row.Text(1),
        {.name = row.String(2), .kind = KeyKindOf(row.Text(3)), .column = row.String(4)});
  }
  for (const sql::AnswerRow& row : answers.indexes.rows()) {
    builder.AddIndex(row.Text(0), row.Text(1), row.String(2));
  }
  for (const sql::AnswerRow& row : answers.functions.rows()) {
    builder.AddFunction(row.String(0));
  }
  return std::move(builder).Take();
}

}  // namespace paddock::engines::postgres
