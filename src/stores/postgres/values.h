// Values of the wire and ours, and what PostgreSQL's SQLSTATEs mean.
//
// Used by Connection and Pipeline. Threading: plain functions.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <libpq-fe.h>

#include "base/result.h"
#include "store/database.h"

namespace paddock::stores::postgres {

/// A statement in the form that libpq sends. Owns all that its pointers point to.
class EncodedStatement {
 public:
  /// kInternal: the values do not fit the placeholders. kInvalid: as store::CheckStatements.
  [[nodiscard]] static Result<EncodedStatement> Encode(const store::Statement& statement);

  [[nodiscard]] const std::string& sql() const noexcept { return sql_; }
  /// What the server prepares: the text and the types of its values.
  [[nodiscard]] std::string PreparedKey() const;

  [[nodiscard]] int count() const noexcept { return static_cast<int>(types_.size()); }
  [[nodiscard]] const Oid* types() const noexcept { return types_.data(); }
  [[nodiscard]] const int* lengths() const noexcept { return lengths_.data(); }
  [[nodiscard]] const int* formats() const noexcept { return formats_.data(); }
  [[nodiscard]] std::vector<const char*> Pointers() const;

 private:
  void Add(const store::Value& value);

  std::string sql_;
  std::vector<Oid> types_;
  std::vector<std::string> texts_;
  std::vector<bool> is_null_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

/// kInternal: a column is of a type that the port does not know. kExhausted: too long.
[[nodiscard]] Result<store::Rows> ReadRows(const PGresult& result);

/// What a failed result means: `asked` may have words of its own for a violated uniqueness.
struct SqlFailure {
  Error error;
  bool may_retry = false;    // the server gave way to others and has undone everything
  bool is_confused = false;  // what the server has prepared is not what we think
};
[[nodiscard]] SqlFailure ReadFailure(const PGresult& result, const store::Statement* asked);

/// The part of ReadFailure that depends on the SQLSTATE alone.
[[nodiscard]] Code CodeOf(std::string_view sqlstate) noexcept;

}  // namespace paddock::stores::postgres
