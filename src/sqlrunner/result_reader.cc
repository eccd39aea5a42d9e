#include "sqlrunner/result_reader.h"

#include <memory>
#include <string>
#include <utility>

#include "aio/offload.h"
#include "sqlrunner/row_text.h"
#include "sqlrunner/server_messages.h"

namespace paddock::sqlrunner {

Result<void> ResultReader::Enqueue(ClientMessage message) {
  if (queue_.size() >= kQueuedReadsMax) {
    return Fail(Code::kExhausted, "too many windows are asked for: wait for their answers");
  }
  queue_.push_back(std::move(message));
  changed_.NotifyAll();
  return {};
}

aio::Task<void> ResultReader::Run() {
  for (;;) {
    while (queue_.empty()) {
      auto woken = co_await changed_.Wait(Deadline::Never());
      if (!woken) {
        co_return;
      }
    }
    ClientMessage message = std::move(queue_.front());
    queue_.pop_front();
    is_cancelled_ = false;
    auto done = co_await Do(std::move(message));
    if (!done) {
      co_return;
    }
  }
}

aio::Task<Result<void>> ResultReader::Do(ClientMessage message) {
  Result<void> done;
  if (auto* view = std::get_if<ViewMessage>(&message.body)) {
    done = co_await View(message.id, std::move(*view));
  } else if (auto* file = std::get_if<ExportMessage>(&message.body)) {
    done = co_await Export(message.id, std::move(*file));
  }
  co_return done;
}

aio::Task<Result<void>> ResultReader::SendFailure(RequestId id, Error error) {
  if (error.code == Code::kCancelled) {
    co_return Fail(std::move(error));
  }
  const std::string text = FailedText(id, error);
  auto sent = co_await channel_.Send(text);
  co_return sent;
}

aio::Task<Result<ResultReader::Arranged>> ResultReader::Arrange(ResultNumber number,
                                                                Arrangement arrangement) {
  auto result = results_.Find(number);
  if (!result) {
    co_return Fail(std::move(result).error());
  }
  auto snapshot = co_await (*result)->Snapshot();
  if (!snapshot) {
    co_return Fail(std::move(snapshot).error());
  }
  auto order = co_await (*result)->Arrange(*snapshot, std::move(arrangement));
  if (!order) {
    co_return Fail(std::move(order).error());
  }
  co_return Arranged{
      .result = *std::move(result), .snapshot = *std::move(snapshot), .order = *std::move(order)};
}

aio::Task<Result<void>> ResultReader::View(RequestId id, ViewMessage message) {
  auto arranged = co_await Arrange(message.result, message.arrangement);
  if (!arranged) {
    auto told = co_await SendFailure(id, std::move(arranged).error());
    co_return told;
  }
  const bool is_complete = arranged->snapshot.is_complete;
  auto read = [from = std::move(arranged->snapshot), by = std::move(arranged->order), id, message,
               is_complete]() -> Result<std::string> {
    auto window = ReadWindow(from, by, message.offset, message.limit);
    if (!window) {
      return Fail(std::move(window).error());
    }
    return WindowText(id, message, window->rows, window->total, is_complete);
  };
  auto text = co_await aio::Offload(arranged->result->pool(), std::move(read));
  if (!text) {
    auto told = co_await SendFailure(id, std::move(text).error());
    co_return told;
  }
  auto sent = co_await channel_.Send(*text);
  co_return sent;
}

aio::Task<Result<void>> ResultReader::Export(RequestId id, ExportMessage message) {
  auto arranged = co_await Arrange(message.result, message.arrangement);
  if (!arranged) {
    auto told = co_await SendFailure(id, std::move(arranged).error());
    co_return told;
  }
  const auto file = std::make_shared<ExportText>(std::move(arranged->snapshot),
                                                 std::move(arranged->order), message.format);
  while (!is_cancelled_) {
    auto next = [file] { return file->Next(); };
    auto piece = co_await aio::Offload(arranged->result->pool(), std::move(next));
    if (!piece) {
      auto told = co_await SendFailure(id, std::move(piece).error());
      co_return told;
    }
    if (piece->empty()) {
      break;
    }
    const std::string text = ChunkText(id, *piece);
    auto sent = co_await channel_.Send(text);
    if (!sent) {
      co_return sent;
    }
  }
  const std::string done = DoneText(id, sql::TransactionState::kNone, is_cancelled_, {});
  auto sent = co_await channel_.Send(done);
  co_return sent;
}

}  // namespace paddock::sqlrunner
