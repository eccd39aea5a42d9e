// Exchange: one query as it goes to the server and its results as they come back.
//
// Used by WireSession, for learners' statements and for its own. Threading: loop thread.
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
#include "engines/postgres/messages.h"
#include "engines/postgres/types.h"
#include "engines/postgres/wire.h"
#include "sql/engine.h"

namespace paddock::engines::postgres {

/// Asks the server to stop what the session runs.
class Canceller {
 public:
  virtual ~Canceller() = default;
  [[nodiscard]] virtual aio::Task<Result<void>> RequestCancel(Deadline deadline) = 0;
};

class Exchange {
 public:
  Exchange(Wire& wire, const TypeNames& types, sql::ResultSink& sink, Canceller& canceller)
      : wire_(wire), types_(types), sink_(sink), canceller_(canceller) {}

  /// Sends `request` and reads on until the server is ready for the next. Returns what the server
  /// said against it. Fails with kUnavailable (the wire is closed), kDeadlineExceeded, kCancelled,
  /// or as the sink; unless the wire is closed then, the session can be used.
  [[nodiscard]] aio::Task<Result<std::optional<Report>>> Run(std::string request,
                                                             Deadline deadline);

  [[nodiscard]] sql::TransactionState transaction() const noexcept { return transaction_; }

 private:
  enum class Step : std::uint8_t {
    kGoOn,
    kColumns,
    kBatch,
    kComplete,
    kRefuseCopy,
    kTooLarge,
    kBroken
  };

  [[nodiscard]] Step Take(const Message& message);
  [[nodiscard]] Step TakeColumns(std::string_view body);
  [[nodiscard]] Step TakeRow(const Message& message);
  [[nodiscard]] Step TakeReport(std::string_view body);
  [[nodiscard]] Step TakeReady(std::string_view body);
  void TakeNotice(std::string_view body);
  void TakeNotification(std::string_view body);
  void Note(sql::Notice notice);
  void Refuse(std::string code, std::string message, std::string hint);

  [[nodiscard]] aio::Task<void> Act(Step step);
  [[nodiscard]] aio::Task<void> Flush();
  [[nodiscard]] aio::Task<void> AwaitInput();
  [[nodiscard]] aio::Task<void> Stop(Error why);
  void Lose(Error why);

  Wire& wire_;
  const TypeNames& types_;
  sql::ResultSink& sink_;
  Canceller& canceller_;
  Deadline deadline_ = Deadline::Never();

  std::vector<sql::Column> columns_;
  sql::Rows rows_;
  sql::CommandResult result_;
  std::optional<Report> report_;  // the first error
  std::optional<Error> stopped_;  // nothing more goes to the sink
  std::optional<Error> lost_;     // nothing more comes
  std::size_t notice_count_ = 0;
  bool is_ready_ = false;
  sql::TransactionState transaction_ = sql::TransactionState::kNone;
};

}  // namespace paddock::engines::postgres
