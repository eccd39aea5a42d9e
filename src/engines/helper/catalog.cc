#include "engines/helper/catalog.h"

#include <utility>

#include <fmt/format.h>

namespace paddock::engines::helper {
namespace {

// CROSS JOIN keeps the order: SQLite may put what is asked about before what it is asked of, and
// then finds nothing. Every query ends behind what a catalog may hold; the builder notes that there
// was more.
constexpr std::string_view kLearners = "l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

constexpr std::string_view kDatabases = "SELECT name FROM pragma_database_list ORDER BY seq";
constexpr std::string_view kTables =
    "SELECT l.schema, l.name, CASE l.type WHEN 'view' THEN 'view' ELSE 'table' END "
    "FROM pragma_table_list AS l WHERE l.type IN ('table', 'view', 'virtual') AND {learners} "
    "ORDER BY l.schema, l.name LIMIT {tables}";
constexpr std::string_view kColumns =
    "SELECT l.schema, l.name, c.name, c.type, c.\"notnull\" = 0 AND NOT (c.pk = 1 AND "
    "upper(c.type) = 'INTEGER'), c.dflt_value "
    "FROM pragma_table_list AS l CROSS JOIN pragma_table_xinfo(l.name, l.schema) AS c "
    "WHERE l.type = 'table' AND c.hidden <> 1 AND {learners} "
    "ORDER BY l.schema, l.name, c.cid LIMIT {columns}";
constexpr std::string_view kPrimaryKeys =
    "SELECT l.schema, l.name, c.name "
    "FROM pragma_table_list AS l CROSS JOIN pragma_table_xinfo(l.name, l.schema) AS c "
    "WHERE l.type = 'table' AND c.pk > 0 AND {learners} "
    "ORDER BY l.schema, l.name, c.pk LIMIT {columns}";
constexpr std::string_view kUniqueKeys =
    "SELECT l.schema, l.name, i.name, k.name "
    "FROM pragma_table_list AS l CROSS JOIN pragma_index_list(l.name, l.schema) AS i "
    "CROSS JOIN pragma_index_info(i.name, l.schema) AS k "
    "WHERE l.type = 'table' AND i.origin = 'u' AND {learners} "
    "ORDER BY l.schema, l.name, i.name, k.seqno LIMIT {columns}";
// Without columns of its own a reference is to the primary key.
constexpr std::string_view kForeignKeys =
    "SELECT l.schema, l.name, f.id, f.\"from\", f.\"table\", coalesce(f.\"to\", "
    "(SELECT p.name FROM pragma_table_xinfo(f.\"table\", l.schema) AS p "
    "WHERE p.pk = f.seq + 1)) "
    "FROM pragma_table_list AS l CROSS JOIN pragma_foreign_key_list(l.name, l.schema) AS f "
    "WHERE l.type = 'table' AND {learners} "
    "ORDER BY l.schema, l.name, f.id, f.seq LIMIT {columns}";
constexpr std::string_view kIndexes =
    "SELECT l.schema, l.name, i.name "
    "FROM pragma_table_list AS l CROSS JOIN pragma_index_list(l.name, l.schema) AS i "
    "WHERE l.type = 'table' AND i.origin = 'c' AND {learners} "
    "ORDER BY l.schema, l.name, i.name LIMIT {columns}";
constexpr std::string_view kViews =
    "SELECT l.schema, l.name "
    "FROM pragma_table_list AS l WHERE l.type IN ('view', 'virtual') AND {learners} "
    "ORDER BY l.schema, l.name LIMIT {views}";

void ReadDatabases(const sql::Answer& answer, sql::CatalogBuilder& builder) {
  for (const sql::AnswerRow& row : answer.table(0).rows()) {
    builder.AddDatabase(row.String(0));
  }
}

void ReadTables(const sql::Answer& answer, sql::CatalogBuilder& builder) {
  for (const sql::AnswerRow& row : answer.table(0).rows()) {
    builder.AddTable(row.Text(0), row.Text(1), row.Text(2));
  }
}

sql::CatalogColumn ColumnOf(const sql::AnswerRow& row, std::size_t first) {
  return {.name = row.String(first),
          .type = row.String(first + 1),
          .nullable = row.Text(first + 2) == "1",
          .default_text = row.String(first + 3)};
}

void ReadColumns(const sql::Answer& answer, sql::CatalogBuilder& builder) {
  for (const sql::AnswerRow& row : answer.table(0).rows()) {
    builder.AddColumn(row.Text(0), row.Text(1), ColumnOf(row, 2));
  }
}

void ReadPrimaryKeys(const sql::Answer& answer, sql::CatalogBuilder& builder) {
  for (const sql::AnswerRow& row : answer.table(0).rows()) {
    builder.AddKeyColumn(
        row.Text(0), row.Text(1),
        {.name = "primary", .kind = sql::Key::Kind::kPrimary, .column = row.String(2)});
  }
}

void ReadUniqueKeys(const sql::Answer& answer, sql::CatalogBuilder& builder) {
  for (const sql::AnswerRow& row : answer.table(0).rows()) {
    builder.AddKeyColumn(row.Text(0), row.Text(1),
                         {.name = "unique " + row.String(2),
                          .kind = sql::Key::Kind::kUnique,
                          .column = row.String(3)});
  }
}

void ReadForeignKeys(const sql::Answer& answer, sql::CatalogBuilder& builder) {
  for (const sql::AnswerRow& row : answer.table(0).rows()) {
    builder.AddKeyColumn(row.Text(0), row.Text(1),
                         {.name = "foreign " + row.String(2),
                          .kind = sql::Key::Kind::kForeign,
                          .column = row.String(3),
                          .to_schema = row.String(0),
                          .to_table = row.String(4),
                          .to_column = row.String(5)});
  }
}

void ReadIndexes(const sql::Answer& answer, sql::CatalogBuilder& builder) {
  for (const sql::AnswerRow& row : answer.table(0).rows()) {
    builder.AddIndex(row.Text(0), row.Text(1), row.String(2));
  }
}

std::string Complete(std::string_view query) {
  return fmt::format(fmt::runtime(query), fmt::arg("learners", kLearners),
                     fmt::arg("tables", sql::kCatalogTablesMax + 1),
                     fmt::arg("columns", sql::kCatalogColumnsMax + 1),
                     fmt::arg("views", kViewsMax));
}

std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char letter : text) {
    quoted.append(letter == '\'' ? 2 : 1, letter);
  }
  return quoted + "'";
}

}  // namespace

std::vector<CatalogQuery> CatalogQueries() {
  return {{Complete(kDatabases), ReadDatabases},   {Complete(kTables), ReadTables},
          {Complete(kColumns), ReadColumns},       {Complete(kPrimaryKeys), ReadPrimaryKeys},
          {Complete(kUniqueKeys), ReadUniqueKeys}, {Complete(kForeignKeys), ReadForeignKeys},
          {Complete(kIndexes), ReadIndexes}};
}

std::string ViewsQuery() { return Complete(kViews); }

std::vector<ViewName> ReadViews(const sql::Answer& answer) {
  std::vector<ViewName> views;
  for (const sql::AnswerRow& row : answer.table(0).rows()) {
    if (views.size() < kViewsMax) {
      views.push_back({.schema = row.String(0), .name = row.String(1)});
    }
  }
  return views;
}

std::string ViewColumnsQuery(const ViewName& view) {
  return fmt::format(
      "SELECT name, type, \"notnull\" = 0, dflt_value FROM pragma_table_xinfo({}, {}) "
      "WHERE hidden <> 1 ORDER BY cid",
      Quoted(view.name), Quoted(view.schema));
}

void ReadViewColumns(const sql::Answer& answer,
                     const ViewName& view,
                     sql::CatalogBuilder& builder) {
  for (const sql::AnswerRow& row : answer.table(0).rows()) {
    builder.AddColumn(view.schema, view.name, ColumnOf(row, 0));
  }
}

}  // namespace paddock::engines::helper
