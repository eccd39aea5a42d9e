#include "gateway/routes/open_streams.h"

#include <chrono>
#include <utility>

#include <boost/asio/this_coro.hpp>

#include "aio/task_scope.h"

namespace paddock::gateway {
namespace {

// A body that waited for nothing just then has not noticed; it is told again.
constexpr std::chrono::milliseconds kCancelInterval{500};

}  // namespace

aio::Task<void> OpenStreams::Run(identity::SharedPrincipal holder, aio::Task<void> body) {
  const auto stream = open_.emplace(open_.end());
  stream->holder = std::move(holder);
  aio::TaskScope scope(co_await boost::asio::this_coro::executor);
  scope.Spawn(RunToItsEnd(*stream, std::move(body)));
  bool is_ending = false;
  while (!stream->is_over) {
    const auto patience = is_ending ? Deadline::After(kCancelInterval) : Deadline::Never();
    auto woken = co_await stream->changed.Wait(patience);
    is_ending = is_ending || stream->is_revoked || !woken;
    if (is_ending) {
      scope.Cancel();
    }
  }
  co_await scope.Join();
  open_.erase(stream);
}

void OpenStreams::EndIf(const std::function<bool(const identity::Principal&)>& is_such) {
  for (Stream& stream : open_) {
    if (is_such(*stream.holder)) {
      stream.is_revoked = true;
      stream.changed.NotifyAll();
    }
  }
}

aio::Task<void> OpenStreams::RunToItsEnd(Stream& stream, aio::Task<void> body) {
  co_await std::move(body);
  stream.is_over = true;
  stream.changed.NotifyAll();
}

}  // namespace paddock::gateway
