#include "forwarding/tunnel.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <fmt/format.h>

#include "aio/condition.h"
#include "aio/task_scope.h"
#include "egress/server_name.h"

namespace paddock::forwarding {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;

namespace {

using Tcp = asio::ip::tcp;
using PlainStream = websocket::stream<beast::tcp_stream>;
using TlsStream = websocket::stream<beast::ssl_stream<beast::tcp_stream>>;

constexpr std::chrono::seconds kConnectTimeMax{15};
constexpr std::size_t kPieceMax = std::size_t{64} * 1024;
constexpr std::size_t kMessageMax = std::size_t{1} * 1024 * 1024;
constexpr auto kWithoutThrowing = asio::as_tuple(asio::use_awaitable);

std::unexpected<Error> Failure(std::string_view what, const boost::system::error_code& failure) {
  if (failure == asio::error::operation_aborted) {
    return Fail(Code::kCancelled, "stopped");
  }
  return Fail(Code::kUnavailable, fmt::format("{}: {}", what, failure.message()));
}

/// Both directions of one tunnel. Lives in Carry, which joins them.
template <class Stream>
class Tunnel {
 public:
  Tunnel(asio::any_io_executor executor, Tcp::socket& local, Stream& remote)
      : local_(local), remote_(remote), scope_(std::move(executor)) {}

  aio::Task<void> Run() {
    scope_.Spawn(FromLocal());
    scope_.Spawn(FromRemote());
    while (!is_over_) {
      auto woken = co_await changed_.Wait(Deadline::Never());
      if (!woken) {
        break;
      }
    }
    boost::system::error_code ignored;
    local_.close(ignored);
    beast::get_lowest_layer(remote_).close();
    scope_.Cancel();
    co_await scope_.Join();
  }

 private:
  void End() {
    is_over_ = true;
    changed_.NotifyAll();
  }

  aio::Task<void> FromLocal() {
    std::array<char, kPieceMax> piece{};
    for (;;) {
      const auto room = asio::buffer(piece);
      auto [unread, count] = co_await local_.async_read_some(room, kWithoutThrowing);
      if (unread) {
        break;
      }
      const auto bytes = asio::buffer(piece.data(), count);
      auto [unsent, sent] = co_await remote_.async_write(bytes, kWithoutThrowing);
      if (unsent) {
        break;
      }
    }
    End();
  }

  aio::Task<void> FromRemote() {
    beast::flat_buffer buffer;
    for (;;) {
      auto [unread, count] = co_await remote_.async_read(buffer, kWithoutThrowing);
      if (unread) {
        break;
      }
      auto [unsent, sent] = co_await asio::async_write(local_, buffer.data(), kWithoutThrowing);
      if (unsent) {
        break;
      }
      buffer.consume(buffer.size());
    }
    End();
  }

  Tcp::socket& local_;
  Stream& remote_;
  aio::TaskScope scope_;
  aio::Condition changed_;
  bool is_over_ = false;
};

/// A server that does not want the WebSocket says why by its status.
Result<void> CheckUpgrade(const boost::system::error_code& failure,
                          const websocket::response_type& answer) {
  if (failure == websocket::error::upgrade_declined) {
    return Fail(Code::kDenied, fmt::format("the server refuses (HTTP {}): {}", answer.result_int(),
                                           answer.body().substr(0, 300)));
  }
  return failure ? Failure("WebSocket", failure) : Result<void>();
}

template <class Stream>
aio::Task<Result<void>> Upgrade(Stream& remote, ForwardTarget target) {  // remote outlives it
  remote.set_option(websocket::stream_base::timeout::suggested(beast::role_type::client));
  const auto decorate = [token = target.token](websocket::request_type& request) {
    request.set(beast::http::field::authorization, "Bearer " + token);
    request.set(beast::http::field::sec_websocket_protocol, "paddock.forward.v1");
  };
  remote.set_option(websocket::stream_base::decorator(decorate));
  remote.binary(true);
  remote.read_message_max(kMessageMax);
  beast::get_lowest_layer(remote).expires_never();
  websocket::response_type answer;
  const std::string host = fmt::format("{}:{}", target.host, target.port);
  auto [failure] = co_await remote.async_handshake(answer, host, target.path, kWithoutThrowing);
  co_return CheckUpgrade(failure, answer);
}

aio::Task<Result<void>> Connect(beast::tcp_stream& stream,  // outlives the task
                                ForwardTarget target) {
  Tcp::resolver resolver(stream.get_executor());
  auto [unknown, found] =
      co_await resolver.async_resolve(target.host, target.port, kWithoutThrowing);
  if (unknown) {
    co_return Failure(target.host, unknown);
  }
  stream.expires_after(kConnectTimeMax);
  auto [failure, endpoint] = co_await stream.async_connect(found, kWithoutThrowing);
  if (failure) {
    co_return Failure(fmt::format("{}:{}", target.host, target.port), failure);
  }
  boost::system::error_code ignored;
  stream.socket().set_option(Tcp::no_delay(true), ignored);
  co_return Result<void>();
}

template <class Stream>
aio::Task<Result<void>> CarryOver(Tcp::socket local, Stream& remote, ForwardTarget target) {
  auto upgraded = co_await Upgrade(remote, std::move(target));
  if (!upgraded) {
    co_return upgraded;
  }
  boost::system::error_code ignored;
  local.set_option(Tcp::no_delay(true), ignored);
  Tunnel<Stream> tunnel(local.get_executor(), local, remote);
  co_await tunnel.Run();
  co_return Result<void>();
}

aio::Task<Result<void>> CarryPlain(Tcp::socket local, ForwardTarget target) {
  PlainStream remote(local.get_executor());
  auto connected = co_await Connect(beast::get_lowest_layer(remote), target);
  if (!connected) {
    co_return connected;
  }
  auto carried = co_await CarryOver(std::move(local), remote, std::move(target));
  co_return carried;
}

aio::Task<Result<void>> CarryTls(Tcp::socket local, ForwardTarget target) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  boost::system::error_code failure;
  context.set_default_verify_paths(failure);
  context.set_verify_mode(asio::ssl::verify_peer);
  context.set_verify_callback(asio::ssl::host_name_verification(target.host));
  TlsStream remote(local.get_executor(), context);
  egress::NameServer(remote.next_layer().native_handle(), target.host);
  auto connected = co_await Connect(beast::get_lowest_layer(remote), target);
  if (!connected) {
    co_return connected;
  }
  auto [untrusted] = co_await remote.next_layer().async_handshake(asio::ssl::stream_base::client,
                                                                  kWithoutThrowing);
  if (untrusted) {
    co_return Failure(target.host, untrusted);
  }
  auto carried = co_await CarryOver(std::move(local), remote, std::move(target));
  co_return carried;
}

}  // namespace

aio::Task<Result<void>> Carry(Tcp::socket local, ForwardTarget target) {
  if (target.tls) {
    auto carried = co_await CarryTls(std::move(local), std::move(target));
    co_return carried;
  }
  auto carried = co_await CarryPlain(std::move(local), std::move(target));
  co_return carried;
}

}  // namespace paddock::forwarding
