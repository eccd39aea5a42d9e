// KwdbCatalog: what KWDB's information_schema says about a database.
//
// Used by KwdbSession. Threading: pure.
#pragma once

#include <string>
#include <string_view>

#include "sql/answer.h"
#include "sql/catalog.h"

namespace paddock::engines::postgres {

inline constexpr const char* kKwdbCurrentDatabase = "SHOW database";

/// Those after `columns` may be refused.
struct KwdbCatalogQueries {
  std::string databases;
  std::string tables;
  std::string columns;
  std::string keys;
  std::string indexes;
  std::string functions;
};

struct KwdbCatalogAnswers {
  std::string database;
  sql::AnswerTable databases;
  sql::AnswerTable tables;
  sql::AnswerTable columns;
  sql::AnswerTable keys;
  sql::AnswerTable indexes;
  sql::AnswerTable functions;
};

[[nodiscard]] KwdbCatalogQueries MakeKwdbCatalogQueries(std::string_view database);
[[nodiscard]] sql::Catalog ReadKwdbCatalog(const KwdbCatalogAnswers& answers);

}  // namespace paddock::engines::postgres
