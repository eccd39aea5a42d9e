// MariadbEngine: sessions of MariaDB. Used by whoever runs live sessions.
//
// Threading: loop thread. Ownership: outlives its sessions.
#pragma once

#include <filesystem>
#include <memory>

#include "sql/engine.h"

namespace paddock::engines::mariadb {

class MariadbEngine final : public sql::Engine {
 public:
  /// `directory` exists, is this user's, and has a short path: in it the engine makes sockets, each
  /// for a moment.
  explicit MariadbEngine(std::filesystem::path directory) : directory_(std::move(directory)) {}

  [[nodiscard]] sql::Dialect dialect() const noexcept override { return sql::Dialect::kMariadb; }
  [[nodiscard]] aio::Task<Result<std::unique_ptr<sql::Session>>> Open(
      boost::asio::any_io_executor executor,
      sql::OpenSpec spec,
      std::shared_ptr<sql::Dialer> dialer,
      Deadline deadline) override;

 private:
  std::filesystem::path directory_;
};

}  // namespace paddock::engines::mariadb
