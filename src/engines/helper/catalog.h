// What is in a database of SQLite, from its own tables about itself.
//
// Used by SqliteSession, which asks. Threading: pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sql/answer.h"
#include "sql/catalog_builder.h"

namespace paddock::engines::helper {

/// One question, and what becomes of its answer.
struct CatalogQuery {
  std::string text;
  void (*read)(const sql::Answer& answer, sql::CatalogBuilder& builder);
};

/// All but the columns of views, in the order in which they are to be asked.
[[nodiscard]] std::vector<CatalogQuery> CatalogQueries();

/// A view, or a table of an extension: its columns are asked for alone, because the question fails
/// when what it refers to is gone.
struct ViewName {
  std::string schema;
  std::string name;
};
inline constexpr std::size_t kViewsMax = 500;

[[nodiscard]] std::string ViewsQuery();
[[nodiscard]] std::vector<ViewName> ReadViews(const sql::Answer& answer);
[[nodiscard]] std::string ViewColumnsQuery(const ViewName& view);
void ReadViewColumns(const sql::Answer& answer, const ViewName& view, sql::CatalogBuilder& builder);

}  // namespace paddock::engines::helper
