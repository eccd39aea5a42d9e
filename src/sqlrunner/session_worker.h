// SessionWorker: what needs the connection to the database, one request after the other.
//
// Used by Conversation. It opens the session, runs texts statement by statement, explains,
// describes and completes. A cancel reaches what runs, also while its rows wait for credit.
//
// Threading: loop thread. Ownership: what its parts refer to outlives it, and Run ends before it
// is destroyed.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "aio/condition.h"
#include "aio/task_scope.h"
#include "sql/splitter.h"
#include "sqlrunner/client_message.h"
#include "sqlrunner/results.h"
#include "sqlrunner/session_opener.h"
#include "sqlrunner/statement_sink.h"

namespace paddock::sqlrunner {

inline constexpr std::size_t kQueuedRequestsMax = 32;
inline constexpr std::size_t kQueuedBytesMax = 4 * kTextBytesMax;
inline constexpr std::size_t kStatementsMax = 10'000;  // of a text

struct SessionTimes {
  std::chrono::seconds open_max{30};
  std::chrono::seconds statement_max{300};  // with the time in which its rows wait for credit
  std::chrono::seconds describe_max{60};
  std::chrono::seconds cancel_max{10};
};

class SessionWorker {
 public:
  /// Ends the conversation: a reason and words of docs/protocol/sql.md.
  using End = std::function<void(std::string_view reason, std::string message)>;

  SessionWorker(OpenContext context, Results& results, SessionTimes times, End end);
  SessionWorker(const SessionWorker&) = delete;
  SessionWorker& operator=(const SessionWorker&) = delete;

  /// An open, execute, explain, describe or complete. Fails with kConflict (not open, or open
  /// already) or kExhausted.
  [[nodiscard]] Result<void> Enqueue(ClientMessage message);

  /// Answered from the catalog that was read last; nothing when it has to be read first and the
  /// connection is free for that: then Enqueue it.
  [[nodiscard]] std::optional<std::string> CompleteNow(RequestId id,
                                                       const CompleteMessage& message) const;

  void AddCredit(RequestId id, std::uint64_t rows);
  void Cancel();

  [[nodiscard]] bool is_busy() const noexcept { return execution_ != nullptr; }
  /// A statement still runs on a registered database, where it can be cancelled without the server:
  /// what runs in a sandbox ends with its connection's other end.
  [[nodiscard]] bool is_stopping() const noexcept { return is_registered_ && is_in_statement_; }

  /// Until it is cancelled.
  [[nodiscard]] aio::Task<void> Run();

  /// Joins what Cancel has begun. After Run.
  [[nodiscard]] aio::Task<void> Close();

 private:
  enum class Verdict : std::uint8_t { kGoOn, kStop };

  // What a message asks for. A failure is that of the client's channel: nobody is left to tell.
  [[nodiscard]] aio::Task<Result<void>> Do(ClientMessage message);
  [[nodiscard]] aio::Task<Result<void>> Open(RequestId id, OpenMessage message);
  [[nodiscard]] aio::Task<Result<void>> Execute(RequestId id, ExecuteMessage message);
  [[nodiscard]] aio::Task<Result<void>> Explain(RequestId id, ExplainMessage message);
  [[nodiscard]] aio::Task<Result<void>> Describe(RequestId id);
  [[nodiscard]] aio::Task<Result<void>> Complete(RequestId id, CompleteMessage message);

  [[nodiscard]] aio::Task<Result<Verdict>> RunStatement(std::string statement,
                                                        std::size_t index,
                                                        std::size_t offset);
  [[nodiscard]] aio::Task<Result<Verdict>> TellFailure(Error failure, std::size_t index);
  [[nodiscard]] aio::Task<Result<void>> RefreshCatalog();
  void BeginStatement();
  void EndStatement();
  [[nodiscard]] aio::Task<void> SendCancel();
  [[nodiscard]] aio::Task<void> AwaitCancelled();
  [[nodiscard]] aio::Task<void> EndLost();
  [[nodiscard]] aio::Task<Result<void>> Say(std::string text);
  [[nodiscard]] bool is_lost() const noexcept {
    return session_ != nullptr && !session_->is_open();
  }

  OpenContext context_;
  Results& results_;
  SessionTimes times_;
  End end_;
  std::deque<ClientMessage> queue_;
  std::size_t queued_bytes_ = 0;
  aio::Condition changed_;
  aio::TaskScope cancelling_;
  bool was_asked_to_open_ = false;
  std::unique_ptr<sql::Session> session_;
  std::shared_ptr<sql::Dialer> dialer_;
  sql::Dialect dialect_ = sql::Dialect::kPostgres;
  sql::Catalog catalog_;
  bool is_catalog_fresh_ = false;
  std::unique_ptr<Execution> execution_;  // of the request that runs
  std::string_view truncated_;            // of that request: "time" or "statements"
  bool is_registered_ = false;
  bool is_in_statement_ = false;
  bool is_cancelling_ = false;
};

}  // namespace paddock::sqlrunner
