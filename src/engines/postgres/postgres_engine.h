// PostgresEngine: sessions of PostgreSQL, or of KWDB, which speaks the same protocol.
//
// Used by whoever runs live sessions. Threading: loop thread; it has a thread of its own for the
// one call of libpq that blocks, at each session's start. Ownership: outlives its sessions.
#pragma once

#include <filesystem>
#include <memory>

#include <boost/asio/thread_pool.hpp>

#include "engines/postgres/startup.h"
#include "sql/engine.h"

namespace paddock::engines::postgres {

class PostgresEngine final : public sql::Engine {
 public:
  /// `dialect` is kPostgres or kKwdb. `directory` exists, is this user's, and has a short path: in
  /// it the engine makes sockets, each for as long as a session takes to open.
  PostgresEngine(sql::Dialect dialect, std::filesystem::path directory);
  ~PostgresEngine() override;

  [[nodiscard]] sql::Dialect dialect() const noexcept override { return dialect_; }
  [[nodiscard]] aio::Task<Result<std::unique_ptr<sql::Session>>> Open(
      boost::asio::any_io_executor executor,
      sql::OpenSpec spec,
      std::shared_ptr<sql::Dialer> dialer,
      Deadline deadline) override;

 private:
  sql::Dialect dialect_;
  boost::asio::thread_pool pool_;
  Workplace workplace_;
};

}  // namespace paddock::engines::postgres
