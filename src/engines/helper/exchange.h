// Exchange: one statement as it goes to the helper, and what comes back until its end.
//
// Used by SqliteSession, for learners' statements and for its own. Threading: loop thread.
// Ownership: refers to what it is made of, which outlives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "engines/helper/link.h"
#include "sql/engine.h"
#include "sqlite_helper/protocol/messages.h"

namespace paddock::engines::helper {

class Exchange {
 public:
  Exchange(Link& link, sql::ResultSink& sink) : link_(link), sink_(sink) {}

  /// Returns what SQLite said against the statement. Fails with kUnavailable (the link is closed),
  /// kDeadlineExceeded, kCancelled, or as the sink; unless the link is closed then, the helper is
  /// ready for the next.
  [[nodiscard]] aio::Task<Result<sql::StatementOutcome>> Run(sqlite_helper::ExecuteMessage execute,
                                                             Deadline deadline);

  /// Nothing when the statement did not come to an end.
  [[nodiscard]] std::optional<bool> in_transaction() const noexcept { return in_transaction_; }

 private:
  [[nodiscard]] aio::Task<void> Take(sqlite_helper::Frame frame);
  [[nodiscard]] aio::Task<void> TakeColumns(std::string_view payload);
  [[nodiscard]] aio::Task<void> TakeRows(std::string_view payload);
  [[nodiscard]] aio::Task<void> TakeComplete(std::string_view payload);
  void TakeError(std::string_view payload);
  [[nodiscard]] aio::Task<void> AwaitFrames();
  [[nodiscard]] aio::Task<void> Stop(Error why);

  Link& link_;
  sql::ResultSink& sink_;
  Deadline deadline_ = Deadline::Never();
  std::uint32_t number_ = 0;
  std::string first_words_;  // of the statement: for its tag

  std::size_t column_count_ = 0;
  std::uint64_t row_count_ = 0;
  bool has_ended_ = false;
  std::optional<bool> in_transaction_;
  sql::StatementOutcome outcome_;
  std::optional<Error> stopped_;  // nothing more goes to the sink
  std::optional<Error> lost_;     // nothing more comes
};

}  // namespace paddock::engines::helper
