// Writer: runs transactions on the one connection that writes, many of them at one sync.
//
// A sync of the disk costs far more than a transaction, so whatever waits is committed together.
// Each transaction is a savepoint of its own: one that fails takes nothing of the others along.
//
// Used by SqliteDatabase. Threading: its own thread, which is in Serve. Ownership: outlived by
// connection, queue and executor.
#pragma once

#include <span>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "stores/sqlite/call.h"
#include "stores/sqlite/connection.h"

namespace paddock::stores::sqlite {

class Writer {
 public:
  Writer(Connection& connection, CallQueue& queue, boost::asio::any_io_executor executor)
      : connection_(connection), queue_(queue), executor_(std::move(executor)) {}

  /// Returns once the queue is closed and empty.
  void Serve();

 private:
  void RunAll(std::span<const CallPtr> calls);
  void RunAlone(const CallPtr& call);
  /// Runs and delivers all, unless the transaction as a whole fails: then it says with what.
  [[nodiscard]] Result<void> RunTogether(std::span<const CallPtr> calls);
  [[nodiscard]] Result<std::vector<Finished>> RunInside(std::span<const CallPtr> calls);
  [[nodiscard]] Outcome RunSavepoint(const Call& call);
  void RollBack();

  Connection& connection_;
  CallQueue& queue_;
  boost::asio::any_io_executor executor_;
};

}  // namespace paddock::stores::sqlite
