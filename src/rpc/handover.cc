#include "rpc/handover.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <deque>
#include <string>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "aio/local_socket.h"
#include "aio/process.h"
#include "base/log.h"

namespace paddock::rpc {
namespace asio = boost::asio;

namespace {

constexpr int kExchangesMax = 64;
constexpr auto kExchangeTimeMax = std::chrono::seconds(10);
constexpr auto kCalmAfterFailure = std::chrono::milliseconds(100);
constexpr std::size_t kMessageMax = 1024;

void SendAnswer(int connection, std::string text, int passed) {
  text.resize(std::min(text.size(), kMessageMax));
  const iovec piece{.iov_base = text.data(), .iov_len = text.size()};
  // Who has gone away needs no answer; one message fits in an empty socket.
  [[maybe_unused]] const auto sent = aio::SendMessage(connection, {&piece, 1}, passed);
}

struct Answer {
  std::string text;
  UniqueFd passed;
};

Answer ReceiveAnswer(int connection) {
  Answer answer;
  answer.text.resize(kMessageMax);
  std::deque<UniqueFd> passed;
  const ssize_t count = aio::ReceiveMessage(connection, answer.text, passed);
  answer.text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  if (!passed.empty()) {
    answer.passed = std::move(passed.front());
  }
  return answer;
}

}  // namespace

HandoverService::HandoverService(asio::any_io_executor executor,
                                 sandbox::Driver& driver,
                                 uid_t user)
    : executor_(executor),
      driver_(driver),
      user_(user),
      exchanges_(kExchangesMax),
      scope_(std::move(executor)) {}

Result<void> HandoverService::Listen(const std::string& socket_path, gid_t group) {
  auto listener = aio::ListenAt(socket_path, SOCK_SEQPACKET, group);
  if (!listener) {
    return Fail(std::move(listener).error());
  }
  scope_.Spawn(AcceptForever(*std::move(listener)));
  return {};
}

aio::Task<void> HandoverService::Shutdown() {
  scope_.Cancel();
  co_await scope_.Join();
}

// Until it is told to stop: a node that has no descriptor left for a moment shall not be deaf for
// the rest of its days.
aio::Task<void> HandoverService::AcceptForever(UniqueFd listener) {
  asio::steady_timer calm(executor_);
  for (;;) {
    auto ready = co_await aio::WaitReadable(listener.get(), Deadline::Never());
    if (!ready && ready.error().code == Code::kCancelled) {
      co_return;
    }
    UniqueFd connection;
    if (ready) {
      connection.Reset(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    }
    if (connection && aio::IsPeerOneOf(connection.get(), {&user_, 1})) {
      scope_.Spawn(Serve(std::move(connection)));
    } else if (connection) {
      log::Warn("a stranger asked for a stream to a sandbox");
    } else {
      calm.expires_after(kCalmAfterFailure);
      auto [stopped] = co_await calm.async_wait(asio::as_tuple(asio::use_awaitable));
      if (stopped) {
        co_return;
      }
    }
  }
}

aio::Task<void> HandoverService::Serve(UniqueFd connection) {
  const auto deadline = Deadline::After(kExchangeTimeMax);
  auto place = co_await exchanges_.Enter(deadline);
  if (!place) {
    co_return;
  }
  auto ready = co_await aio::WaitReadable(connection.get(), deadline);
  if (!ready) {
    co_return;
  }
  std::string id(kMessageMax, '\0');
  const ssize_t count = recv(connection.get(), id.data(), id.size(), MSG_DONTWAIT);
  id.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  if (!IsIdText(id)) {
    co_return;
  }
  auto stream = co_await driver_.Connect(SandboxId(id), deadline);
  if (stream) {
    SendAnswer(connection.get(), std::string(1, '\0'), stream->get());
  } else {
    const char code = static_cast<char>(1 + static_cast<int>(stream.error().code));
    SendAnswer(connection.get(), code + stream.error().message, -1);
  }
}

aio::Task<Result<UniqueFd>> TakeStream(std::string socket_path, SandboxId id, Deadline deadline) {
  auto connection = aio::ConnectTo(socket_path, SOCK_SEQPACKET, "the node");
  if (!connection) {
    co_return Fail(std::move(connection).error());
  }
  const std::string& text = id.value();
  if (send(connection->get(), text.data(), text.size(), MSG_NOSIGNAL) < 0) {
    co_return Fail(Code::kUnavailable,
                   fmt::format("ask the node at {}: {}", socket_path, strerrordesc_np(errno)));
  }
  auto ready = co_await aio::WaitReadable(connection->get(), deadline);
  if (!ready) {
    co_return Fail(std::move(ready).error());
  }
  Answer answer = ReceiveAnswer(connection->get());
  if (answer.text.empty()) {
    co_return Fail(Code::kUnavailable, "the node went away");
  }
  const int code = static_cast<unsigned char>(answer.text.front());
  if (code == 0 && answer.passed) {
    co_return std::move(answer.passed);
  }
  if (code < 1 || code > 1 + static_cast<int>(kLastCode)) {
    co_return Fail(Code::kInternal, "the node's answer makes no sense");
  }
  co_return Fail(static_cast<Code>(code - 1), answer.text.substr(1));
}

}  // namespace paddock::rpc
