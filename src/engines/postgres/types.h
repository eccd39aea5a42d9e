// Types: what PostgreSQL's type OIDs mean to a reader of results.
//
// Used by Exchange. The usual types are built in; a session learns those of its database from the
// catalog (TypeNames). Threading: loop thread.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "engines/postgres/messages.h"
#include "sql/answer.h"
#include "sql/rows.h"

namespace paddock::engines::postgres {

/// What a session asks to learn the types that are not built in; Learn reads the answer.
inline constexpr const char* kTypesQuery =
    "SELECT oid, typname, typcategory FROM pg_catalog.pg_type WHERE oid >= 16384 "
    "ORDER BY oid DESC LIMIT 10000";

class TypeNames {
 public:
  /// Takes the answer to kTypesQuery.
  void Learn(const sql::AnswerTable& answer);

  /// A column of an unknown type is text without a type's name.
  [[nodiscard]] sql::Column Describe(const FieldDescription& field) const;
  [[nodiscard]] std::vector<sql::Column> Describe(
      const std::vector<FieldDescription>& fields) const;

 private:
  struct Type {
    std::string name;
    sql::CellType cell_type = sql::CellType::kText;
  };
  std::unordered_map<std::uint32_t, Type> learnt_;
};

}  // namespace paddock::engines::postgres
