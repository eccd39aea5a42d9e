#include "sqlrunner/runner.h"

#include <chrono>
#include <memory>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "aio/process.h"
#include "base/log.h"
#include "sqlrunner/link/local_socket.h"
#include "sqlrunner/link_channel.h"
#include "sqlrunner/server_messages.h"

namespace paddock::sqlrunner {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kPoolThreads = 2;  // spill files, sorts, names
constexpr auto kCalmAfterFailure = std::chrono::milliseconds(100);

}  // namespace

Runner::Runner(asio::any_io_executor executor, ConversationConfig config, const Engines& engines)
    : executor_(executor),
      config_(std::move(config)),
      engines_(engines),
      pool_(kPoolThreads),
      scope_(std::move(executor)) {}

void Runner::Serve(UniqueFd listener, std::vector<uid_t> users) {
  scope_.Spawn(AcceptForever(std::move(listener), std::move(users)));
}

aio::Task<void> Runner::Shutdown() {
  scope_.Cancel();
  co_await scope_.Join();
  pool_.join();
}

// Until it is told to stop: a moment without descriptors shall not make it deaf.
aio::Task<void> Runner::AcceptForever(UniqueFd listener, std::vector<uid_t> users) {
  asio::steady_timer calm(executor_);
  for (;;) {
    auto ready = co_await aio::WaitReadable(listener.get(), Deadline::Never());
    if (!ready && ready.error().code == Code::kCancelled) {
      co_return;
    }
    UniqueFd connection = ready ? AcceptFrom(listener.get(), users) : UniqueFd();
    if (connection && count_ < kConversationsMax) {
      scope_.Spawn(Converse(std::move(connection)));
    } else if (connection) {
      log::Warn("all {} SQL sessions are in use", kConversationsMax);
    } else {
      calm.expires_after(kCalmAfterFailure);
      auto [stopped] = co_await calm.async_wait(asio::as_tuple(asio::use_awaitable));
      if (stopped) {
        co_return;
      }
    }
  }
}

aio::Task<void> Runner::Converse(UniqueFd connection) {
  ++count_;
  auto channel = std::make_unique<LinkChannel>(executor_, std::move(connection));
  const ConversationParts parts{.engines = engines_, .pool = pool_, .budget = budget_};
  Conversation conversation(executor_, config_, parts, std::move(channel));
  co_await conversation.Run();
  --count_;
}

}  // namespace paddock::sqlrunner
