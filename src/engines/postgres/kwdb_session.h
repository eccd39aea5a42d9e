// KwdbSession: a session of KWDB, which speaks PostgreSQL's protocol with ways of its own.
//
// It knows no cancel request (a second session cancels what the first one runs, found by its
// application's name), no position of an error (a caret in the detail), and explains in a table.
// Threading and ownership: as sql::Session.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engines/postgres/wire_session.h"

namespace paddock::engines::postgres {

class KwdbSession final : public WireSession {
 public:
  KwdbSession(const boost::asio::any_io_executor& executor,
              Opened opened,
              std::shared_ptr<sql::Dialer> dialer,
              sql::OpenSpec spec,
              Workplace workplace);

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
  [[nodiscard]] aio::Task<Result<void>> CancelQueriesOf(std::string application_name,
                                                        Deadline deadline);
  [[nodiscard]] aio::Task<Result<sql::Explanation>> Analyze(std::string statement,
                                                            sql::Explanation planned,
                                                            Deadline deadline);
  [[nodiscard]] aio::Task<Result<sql::AnswerTable>> Look(std::string sql,
                                                         bool is_needed,
                                                         Deadline deadline);

  boost::asio::any_io_executor executor_;
  sql::OpenSpec spec_;
  Workplace workplace_;
};

}  // namespace paddock::engines::postgres
