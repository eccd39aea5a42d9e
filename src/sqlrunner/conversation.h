// Conversation: one session of docs/protocol/sql.md, from its first message to its end.
//
// Used by the runner's listener, one for each connection of the server. It reads the client's
// messages and hands them on: to SessionWorker what needs the database, to ResultReader what is
// read from stored results.
//
// Threading: loop thread. Ownership: what its parts refer to outlives it; Run once, to its end.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "aio/condition.h"
#include "aio/task_scope.h"
#include "egress/rules.h"
#include "sqlrunner/client_channel.h"
#include "sqlrunner/result_reader.h"
#include "sqlrunner/results.h"
#include "sqlrunner/session_opener.h"
#include "sqlrunner/session_worker.h"

namespace paddock::sqlrunner {

struct ConversationConfig {
  std::string spill_directory;
  std::chrono::seconds idle_max{1800};
  SessionTimes times;
  egress::Rules egress;  // for registered databases
};

struct ConversationParts {
  const Engines& engines;
  boost::asio::thread_pool& pool;
  SpillBudget& budget;
};

class Conversation {
 public:
  Conversation(const boost::asio::any_io_executor& executor,
               ConversationConfig config,
               ConversationParts parts,
               std::unique_ptr<ClientChannel> channel);
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  /// Until the client, the database or the limits end it, or it is cancelled.
  [[nodiscard]] aio::Task<void> Run();

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] aio::Task<void> ReadMessages();
  [[nodiscard]] aio::Task<Result<void>> Take(std::string text);
  [[nodiscard]] aio::Task<Result<void>> TakeComplete(ClientMessage message);
  [[nodiscard]] Result<void> Dispatch(ClientMessage message);
  [[nodiscard]] aio::Task<void> WatchIdle();
  [[nodiscard]] aio::Task<void> SayGoodbye();
  [[nodiscard]] aio::Task<void> AwaitStopped();
  [[nodiscard]] aio::Task<void> EndAll(aio::TaskScope& scope);
  void End(std::string_view reason, std::string message);

  struct Ending {
    std::string reason;  // empty: the client's own wish, or it is gone
    std::string message;
  };

  ConversationConfig config_;
  std::unique_ptr<ClientChannel> channel_;
  Results results_;
  aio::TaskScope relays_;  // of the connection; ends after the session
  SessionWorker worker_;
  ResultReader reader_;
  aio::TaskScope scope_;
  aio::Condition changed_;
  std::optional<Ending> ending_;
  bool has_said_goodbye_ = false;
  Clock::time_point active_at_ = Clock::now();
};

}  // namespace paddock::sqlrunner
