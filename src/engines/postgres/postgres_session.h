// PostgresSession: a session of a PostgreSQL server. Threading and ownership: as sql::Session.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engines/postgres/wire_session.h"

namespace paddock::engines::postgres {

class PostgresSession final : public WireSession {
 public:
  PostgresSession(const boost::asio::any_io_executor& executor,
                  Opened opened,
                  std::shared_ptr<sql::Dialer> dialer);

  [[nodiscard]] aio::Task<Result<sql::Catalog>> Describe(Deadline deadline) override;
  [[nodiscard]] aio::Task<Result<sql::Explanation>> Explain(std::string statement,
                                                            bool analyze,
                                                            Deadline deadline) override;

 private:
  [[nodiscard]] aio::Task<Result<void>> RequestCancel(Deadline deadline) override;
  [[nodiscard]] aio::Task<Result<void>> Prepare(std::string_view statement,
                                                Deadline deadline) override;
  [[nodiscard]] std::optional<std::size_t> PositionOf(const Report& report,
                                                      std::string_view text) const override;
  [[nodiscard]] aio::Task<Result<sql::Explanation>> ExplainOnce(std::string statement,
                                                                bool analyze,
                                                                Deadline deadline);

  boost::asio::any_io_executor executor_;
  bool are_types_stale_ = true;
};

}  // namespace paddock::engines::postgres
