// MariadbSession: a session of a MariaDB server. Threading and ownership: as sql::Session.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

#include "aio/gate.h"
#include "engines/mariadb/client.h"
#include "engines/mariadb/exchange.h"
#include "sql/answer.h"
#include "sql/engine.h"

namespace paddock::engines::mariadb {

class MariadbSession final : public sql::Session, private Canceller {
 public:
  /// `spec` and `directory` are for the connections that cancel.
  MariadbSession(boost::asio::any_io_executor executor,
                 std::unique_ptr<Client> client,
                 sql::OpenSpec spec,
                 std::shared_ptr<sql::Dialer> dialer,
                 std::filesystem::path directory);
  MariadbSession(const MariadbSession&) = delete;
  MariadbSession& operator=(const MariadbSession&) = delete;

  [[nodiscard]] aio::Task<Result<sql::StatementOutcome>> Execute(std::string statement,
                                                                 sql::ResultSink& sink,
                                                                 Deadline deadline) override;
  [[nodiscard]] aio::Task<Result<void>> Cancel(Deadline deadline) override;
  [[nodiscard]] aio::Task<Result<sql::Catalog>> Describe(Deadline deadline) override;
  [[nodiscard]] aio::Task<Result<sql::Explanation>> Explain(std::string statement,
                                                            bool analyze,
                                                            Deadline deadline) override;

  [[nodiscard]] sql::TransactionState transaction() const noexcept override;
  [[nodiscard]] const std::string& server_version() const noexcept override { return version_; }
  [[nodiscard]] bool is_open() const noexcept override { return client_->is_open(); }

  /// Runs SQL of ours without keeping what it gives. Fails with kUnavailable, in the server's words
  /// when it refused.
  [[nodiscard]] aio::Task<Result<void>> Configure(std::string sql, Deadline deadline);

 private:
  struct Asked {
    sql::Answer answer;
    std::optional<Report> report = std::nullopt;
    unsigned warning_count = 0;
  };

  [[nodiscard]] aio::Task<Result<void>> RequestCancel(Deadline deadline) override;
  [[nodiscard]] aio::Task<Result<void>> Settle(Deadline deadline);
  [[nodiscard]] aio::Task<Result<std::optional<Report>>> Converse(std::string sql,
                                                                  sql::ResultSink& sink,
                                                                  Deadline deadline);
  [[nodiscard]] aio::Task<Result<std::unique_ptr<Asked>>> Ask(std::string sql, Deadline deadline);
  [[nodiscard]] aio::Task<Result<void>> NoteWarnings(sql::ResultSink& sink, Deadline deadline);
  [[nodiscard]] aio::Task<Result<sql::Explanation>> ExplainOnce(std::string statement,
                                                                bool analyze,
                                                                Deadline deadline);
  [[nodiscard]] aio::Task<Result<sql::Explanation>> Analyze(std::string statement,
                                                            Deadline deadline);
  /// Why nothing may be changed here to see how; nothing: it can be undone.
  [[nodiscard]] aio::Task<Result<sql::StatementOutcome>> WhyNotUndone(Deadline deadline);

  boost::asio::any_io_executor executor_;
  std::unique_ptr<Client> client_;
  sql::OpenSpec spec_;
  std::shared_ptr<sql::Dialer> dialer_;
  std::filesystem::path directory_;
  std::string version_;
  unsigned long thread_id_;
  aio::Gate cancelling_;
  bool is_running_ = false;
  bool may_be_killed_ = false;  // by a cancel that came as its statement ended
  unsigned warning_count_ = 0;
};

}  // namespace paddock::engines::mariadb
