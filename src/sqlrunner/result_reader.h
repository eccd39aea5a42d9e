// ResultReader: windows and exports of stored results, one after the other, beside what runs.
//
// Used by Conversation. Threading: loop thread; the work is done on the pool. Ownership: what it
// refers to outlives it.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>

#include "aio/condition.h"
#include "sqlrunner/client_channel.h"
#include "sqlrunner/client_message.h"
#include "sqlrunner/results.h"

namespace paddock::sqlrunner {

inline constexpr std::size_t kQueuedReadsMax = 32;

class ResultReader {
 public:
  ResultReader(ClientChannel& channel, Results& results) : channel_(channel), results_(results) {}

  /// A view or an export. Fails with kExhausted.
  [[nodiscard]] Result<void> Enqueue(ClientMessage message);

  /// Ends the export that is under way.
  void Cancel() noexcept { is_cancelled_ = true; }

  /// Until it is cancelled, or the client is gone.
  [[nodiscard]] aio::Task<void> Run();

 private:
  [[nodiscard]] aio::Task<Result<void>> Do(ClientMessage message);
  struct Arranged {
    std::shared_ptr<StoredResult> result;
    SpillSnapshot snapshot;
    RowOrder order;
  };

  /// All rows that have arrived, in the order that is asked for. Fails as Results and StoredResult.
  [[nodiscard]] aio::Task<Result<Arranged>> Arrange(ResultNumber number, Arrangement arrangement);
  [[nodiscard]] aio::Task<Result<void>> View(RequestId id, ViewMessage message);
  [[nodiscard]] aio::Task<Result<void>> Export(RequestId id, ExportMessage message);
  [[nodiscard]] aio::Task<Result<void>> SendFailure(RequestId id, Error error);

  ClientChannel& channel_;
  Results& results_;
  std::deque<ClientMessage> queue_;
  aio::Condition changed_;
  bool is_cancelled_ = false;
};

}  // namespace paddock::sqlrunner
