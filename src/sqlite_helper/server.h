// Server: has one database of SQLite open, and runs what the engine sends, statement by statement.
//
// It is the whole of the helper program; docs/protocol/sql-helper.md says what it does. Threading:
// Run blocks; it starts one thread, and joins it. Ownership: the descriptors outlive it.
#pragma once

#include <chrono>
#include <cstddef>

#include "engines/sqlite/connection.h"
#include "sqlite_helper/inbox.h"
#include "sqlite_helper/outbox.h"
#include "sqlite_helper/protocol/messages.h"

namespace paddock::sqlite_helper {

class Server {
 public:
  /// The descriptors block; they may be the same.
  Server(int input, int output) : input_(input), outbox_(output) {}

  /// Returns once the engine has closed its side. What it did not commit is rolled back.
  void Run();

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] std::optional<OpenMessage> AwaitOpen(FrameReader& reader) const;
  void Serve(engines::sqlite::Connection& connection, FrameReader reader);
  /// How the statement ended, in the outbox but not sent.
  void Execute(engines::sqlite::Connection& connection, const ExecuteMessage& execute);
  [[nodiscard]] engines::sqlite::SqlResult<void> SendRows(engines::sqlite::Statement& statement);
  void SendBatch(sql::Rows& rows);

  int input_;
  Outbox outbox_;
  Clock::time_point sent_at_;
};

}  // namespace paddock::sqlite_helper
