// Exchange: one query as it goes to MariaDB and its results as they come back.
//
// Used by MariadbSession, for learners' statements and for its own. Threading: loop thread.
// Ownership: refers to what it is made of, which outlives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "engines/mariadb/client.h"
#include "sql/engine.h"

namespace paddock::engines::mariadb {

/// Asks the server to stop what the session runs.
class Canceller {
 public:
  virtual ~Canceller() = default;
  [[nodiscard]] virtual aio::Task<Result<void>> RequestCancel(Deadline deadline) = 0;
};

/// What the server said against a statement.
struct Report {
  unsigned number = 0;
  std::string state;  // SQLSTATE
  std::string message;
};

class Exchange {
 public:
  Exchange(Client& client, sql::ResultSink& sink, Canceller& canceller)
      : client_(client), sink_(sink), canceller_(canceller) {}

  /// Sends `sql` and reads all of its results. Fails with kUnavailable (the client is closed),
  /// kDeadlineExceeded, kCancelled, or as the sink; unless it is closed then, it can be used.
  [[nodiscard]] aio::Task<Result<std::optional<Report>>> Run(std::string sql, Deadline deadline);

  /// Of the last result.
  [[nodiscard]] unsigned warning_count() const noexcept { return warning_count_; }

 private:
  [[nodiscard]] aio::Task<void> ReadResult();
  [[nodiscard]] aio::Task<void> ReadRows();
  void TakeRow();
  [[nodiscard]] bool TakeError();
  [[nodiscard]] sql::CommandResult Summary(bool has_rows) const;

  [[nodiscard]] aio::Task<void> FinishStep();
  [[nodiscard]] aio::Task<void> Flush();
  [[nodiscard]] aio::Task<void> Stop(Error why);
  void Lose(std::string why);
  [[nodiscard]] bool is_over() const { return report_ || lost_; }

  Client& client_;
  sql::ResultSink& sink_;
  Canceller& canceller_;
  Deadline deadline_ = Deadline::Never();

  std::vector<sql::Column> columns_;
  sql::Rows rows_;
  std::uint64_t row_count_ = 0;
  unsigned warning_count_ = 0;
  std::optional<Report> report_;
  std::optional<Error> stopped_;  // nothing more goes to the sink
  std::optional<Error> lost_;     // nothing more comes
};

}  // namespace paddock::engines::mariadb
