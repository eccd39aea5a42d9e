// SqliteEngine: SQLite, by the helper program that the dialer has just started in a sandbox.
//
// The dialled stream is the helper's: docs/protocol/sql-helper.md. Threading and ownership: as
// sql::Engine.
#pragma once

#include <memory>
#include <string_view>

#include "sql/engine.h"

namespace paddock::engines::helper {

class SqliteEngine final : public sql::Engine {
 public:
  [[nodiscard]] sql::Dialect dialect() const noexcept override { return sql::Dialect::kSqlite; }

  /// `spec.database` is an absolute path in the sandbox or ":memory:"; without one it is
  /// kUsualDatabase. User and password mean nothing.
  [[nodiscard]] aio::Task<Result<std::unique_ptr<sql::Session>>> Open(
      boost::asio::any_io_executor executor,
      sql::OpenSpec spec,
      std::shared_ptr<sql::Dialer> dialer,
      Deadline deadline) override;
};

inline constexpr std::string_view kUsualDatabase = "/root/playground.db";

}  // namespace paddock::engines::helper
