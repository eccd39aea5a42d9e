#include "gateway/routes/forward_route.h"

#include <array>
#include <charconv>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include "aio/condition.h"
#include "aio/task_scope.h"
#include "gateway/websocket.h"

namespace paddock::gateway {
namespace asio = boost::asio;

namespace {

constexpr std::string_view kSubprotocol = "paddock.forward.v1";
constexpr std::size_t kPieceMax = std::size_t{64} * 1024;
constexpr std::size_t kMessageMax = std::size_t{1} * 1024 * 1024;
constexpr std::uint16_t kProtocolError = 1002;
constexpr auto kWithoutThrowing = asio::as_tuple(asio::use_awaitable);
// A task that waited for nothing just then has not noticed; it is told again.
constexpr std::chrono::milliseconds kCancelInterval{20};

/// One connection; Run once, to its end.
class ForwardRelay {
 public:
  ForwardRelay(const asio::any_io_executor& executor, WebSocket& client, UniqueFd inside)
      : client_(client), inside_(executor, inside.Release()), scope_(executor) {}

  aio::Task<void> Run() {
    scope_.Spawn(FromClient());
    scope_.Spawn(FromInside());
    while (!is_over_) {
      auto woken = co_await changed_.Wait(Deadline::Never());
      if (!woken) {
        break;
      }
    }
    boost::system::error_code ignored;
    inside_.close(ignored);
    while (scope_.running_count() > 0) {
      scope_.Cancel();
      auto woken = co_await changed_.Wait(Deadline::After(kCancelInterval));
      if (!woken && woken.error().code == Code::kCancelled) {
        break;
      }
    }
    co_await scope_.Join();
  }

 private:
  void End() {
    is_over_ = true;
    changed_.NotifyAll();
  }

  aio::Task<void> FromClient() {
    for (;;) {
      auto message = co_await client_.Receive();
      if (!message) {
        break;
      }
      if (message->kind != MessageKind::kBinary) {
        co_await client_.Close(kProtocolError, "binary messages only");
        break;
      }
      const auto bytes = asio::buffer(message->data);
      auto [failure, count] = co_await asio::async_write(inside_, bytes, kWithoutThrowing);
      if (failure) {
        break;
      }
    }
    End();
  }

  aio::Task<void> FromInside() {
    std::array<char, kPieceMax> piece{};
    for (;;) {
      const auto room = asio::buffer(piece);
      auto [failure, count] = co_await inside_.async_read_some(room, kWithoutThrowing);
      if (failure) {
        break;
      }
      const std::string_view bytes(piece.data(), count);
      auto sent = co_await client_.Send(MessageKind::kBinary, {}, bytes);
      if (!sent) {
        break;
      }
    }
    End();
  }

  WebSocket& client_;
  asio::posix::stream_descriptor inside_;
  aio::TaskScope scope_;
  aio::Condition changed_;
  bool is_over_ = false;
};

/// What one open socket holds; the upgrade's function must be copyable, so it is shared.
struct Held {
  UniqueFd inside;
  sandbox::AgentRef agent;  // keeps the connection while the stream is in use
  identity::UserQuota::Place place;
};

aio::Task<void> Converse(WebSocket& socket,  // outlives the task
                         std::shared_ptr<Held> held) {
  const auto executor = co_await asio::this_coro::executor;
  ForwardRelay relay(executor, socket, std::move(held->inside));
  co_await relay.Run();
}

Result<std::uint16_t> ReadPort(const Request& request) {
  const auto text = request.Query("port").value_or("");
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failure != std::errc() || end != text.data() + text.size() || port == 0) {
    return Fail(Code::kInvalid, "port must be an integer from 1 to 65535");
  }
  return port;
}

}  // namespace

void ForwardRoute::AddTo(Router& router) {
  router.Add({.method = Method::kGet,
              .pattern = "/api/v1/sandboxes/{sandbox_id}/forward",
              .handler = [this](Request& request) { return Attach(request); },
              .action = identity::Action::kUseSandbox,
              .websocket = true});
}

aio::Task<Response> ForwardRoute::Attach(Request& request) {
  auto port = ReadPort(request);
  if (!port) {
    co_return ErrorResponse(request, port.error());
  }
  auto place = TakePlace(context_.sockets, CallerOf(request), "WebSockets");
  if (!place) {
    co_return ErrorResponse(request, place.error());
  }
  auto agent = co_await AgentOf(context_, request);
  if (!agent) {
    co_return ErrorResponse(request, agent.error());
  }
  auto target = fmt::format("tcp:{}", *port);
  auto inside = co_await (*agent)->Forward(std::move(target), request.deadline);
  if (!inside) {
    const std::string failed =
        fmt::format("Nothing answers on port {} of the sandbox: start it there first.", *port);
    co_return ErrorResponse(request, inside.error(), failed);
  }
  Held holding{
      .inside = *std::move(inside), .agent = *std::move(agent), .place = *std::move(place)};
  auto held = std::make_shared<Held>(std::move(holding));
  WebSocketUpgrade upgrade{
      .subprotocol = std::string(kSubprotocol), .message_bytes_max = kMessageMax, .run = {}};
  upgrade.run = [&streams = context_.open_streams, holder = request.caller->principal,
                 held](WebSocket& socket) {
    auto body = Converse(socket, held);
    return streams.Run(holder, std::move(body));
  };
  Response response{.status = 101, .headers = {}, .body = std::move(upgrade)};
  co_return response;
}

}  // namespace paddock::gateway
