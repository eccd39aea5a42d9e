#include "sqlrunner/tls_relay.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include "egress/server_name.h"

namespace paddock::sqlrunner {
namespace asio = boost::asio;

namespace {

using Local = asio::local::stream_protocol;
// The server's socket may be of TCP or, in tests, local: its kind does not matter any more.
using Outer = Local::socket;

constexpr std::size_t kBufferSize = std::size_t{16} * 1024;  // what a record of TLS holds
constexpr std::array<char, 8> kSslRequest{0, 0, 0, 8, 0x04, '\xd2', 0x16, '\x2f'};

/// Both ends of a relay; the tasks that copy share it.
struct Relay {
  Relay(const asio::any_io_executor& executor, asio::ssl::context given)
      : context(std::move(given)), outer(executor, context), inner(executor) {}

  void Close() {
    boost::system::error_code ignored;
    outer.next_layer().close(ignored);
    inner.close(ignored);
  }

  asio::ssl::context context;
  asio::ssl::stream<Outer> outer;
  Local::socket inner;
};
using RelayPtr = std::shared_ptr<Relay>;

template <class From, class To>
aio::Task<void> Copy(RelayPtr relay, From& from, To& to) {  // both are parts of `relay`
  std::vector<char> buffer(kBufferSize);
  for (;;) {
    auto [failure, count] =
        co_await from.async_read_some(asio::buffer(buffer), asio::as_tuple(asio::use_awaitable));
    if (failure) {
      break;
    }
    auto [lost, written] = co_await asio::async_write(to, asio::buffer(buffer.data(), count),
                                                      asio::as_tuple(asio::use_awaitable));
    if (lost) {
      break;
    }
  }
  relay->Close();
}

Error Late() {
  return {.code = Code::kDeadlineExceeded, .message = "the database did not answer in time"};
}

/// What libraries say of a certificate says enough; the rest is for operators.
Error HandshakeFailure(const boost::system::error_code& failure, const std::string& host) {
  return {.code = Code::kDenied,
          .message = fmt::format("TLS with {} failed: {}. Its certificate must be valid, for this "
                                 "name, and from an authority that Paddock's host trusts",
                                 host, failure.message())};
}

Result<asio::ssl::context> MakeContext(const TlsWish& wish) {
  boost::system::error_code failure;
  asio::ssl::context context(asio::ssl::context::tls_client);
  context.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, failure);
  if (wish.mode >= TlsMode::kVerifyCa) {
    if (wish.ca_file.empty()) {
      context.set_default_verify_paths(failure);
    } else {
      context.load_verify_file(wish.ca_file, failure);
    }
  }
  if (failure) {
    return Fail(Code::kInternal, fmt::format("TLS: {}", failure.message()));
  }
  return context;
}

/// 'S' or 'N'. Exactly one byte is read: what follows belongs to TLS.
aio::Task<Result<char>> AskForTls(Outer& server, Deadline deadline) {  // outlives the task
  asio::steady_timer timer(server.get_executor(), deadline.when());
  auto [lost, sent] = co_await asio::async_write(server, asio::buffer(kSslRequest),
                                                 asio::as_tuple(asio::use_awaitable));
  if (lost) {
    co_return Fail(Code::kUnavailable, "the connection to the database was lost");
  }
  std::array<char, 1> answer{};
  auto either = asio::experimental::make_parallel_group(
      asio::async_read(server, asio::buffer(answer), asio::deferred),
      timer.async_wait(asio::deferred));
  auto [order, failure, count, stopped] = co_await either.async_wait(
      asio::experimental::wait_for_one(), asio::as_tuple(asio::use_awaitable));
  if (order.front() != 0) {
    co_return Fail(stopped ? Error{.code = Code::kCancelled, .message = "given up"} : Late());
  }
  if (failure) {
    co_return Fail(Code::kUnavailable, "the database did not answer as PostgreSQL does");
  }
  co_return answer.front();
}

aio::Task<Result<void>> Handshake(RelayPtr relay, TlsWish wish, Deadline deadline) {
  boost::system::error_code failure;
  const bool verifies = wish.mode >= TlsMode::kVerifyCa;
  relay->outer.set_verify_mode(verifies ? asio::ssl::verify_peer : asio::ssl::verify_none, failure);
  if (!failure && wish.mode == TlsMode::kVerifyFull) {
    relay->outer.set_verify_callback(asio::ssl::host_name_verification(wish.host), failure);
  }
  egress::NameServer(relay->outer.native_handle(), wish.host);
  if (failure) {
    co_return Fail(Code::kInternal, failure.message());
  }
  asio::steady_timer timer(relay->inner.get_executor(), deadline.when());
  auto either = asio::experimental::make_parallel_group(
      relay->outer.async_handshake(asio::ssl::stream_base::client, asio::deferred),
      timer.async_wait(asio::deferred));
  auto [order, refused, stopped] = co_await either.async_wait(asio::experimental::wait_for_one(),
                                                              asio::as_tuple(asio::use_awaitable));
  if (order.front() != 0) {
    co_return Fail(stopped ? Error{.code = Code::kCancelled, .message = "given up"} : Late());
  }
  if (refused) {
    co_return Fail(HandshakeFailure(refused, wish.host));
  }
  co_return Result<void>();
}

/// The end for the engine; the other one is the relay's.
Result<UniqueFd> MakeInner(Relay& relay) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
    return Fail(Code::kExhausted, fmt::format("socketpair: {}", strerrordesc_np(errno)));
  }
  UniqueFd engine(ends[0]);
  UniqueFd own(ends[1]);
  boost::system::error_code failure;
  relay.inner.assign(Local(), own.get(), failure);
  if (failure) {
    return Fail(Code::kExhausted, failure.message());
  }
  [[maybe_unused]] const int adopted = own.Release();
  return engine;
}

}  // namespace

std::optional<TlsMode> ParseTlsMode(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 4> kNames{"prefer", "require", "verify-ca", "verify-full"};
  const auto* const found = std::ranges::find(kNames, name);
  if (found == kNames.end()) {
    return std::nullopt;
  }
  return static_cast<TlsMode>(found - kNames.begin());
}

aio::Task<Result<UniqueFd>> BeginTls(UniqueFd connected,
                                     TlsWish wish,
                                     aio::TaskScope& relays,  // outlives the session
                                     Deadline deadline) {
  auto context = MakeContext(wish);
  if (!context) {
    co_return Fail(std::move(context).error());
  }
  const auto executor = co_await asio::this_coro::executor;
  auto relay = std::make_shared<Relay>(executor, *std::move(context));
  Outer& server = relay->outer.next_layer();
  boost::system::error_code failure;
  server.assign(Local(), connected.get(), failure);
  if (failure) {
    co_return Fail(Code::kExhausted, failure.message());
  }
  [[maybe_unused]] const int adopted = connected.Release();
  auto offer = co_await AskForTls(server, deadline);
  if (!offer) {
    co_return Fail(std::move(offer).error());
  }
  if (*offer == 'N' && wish.mode == TlsMode::kPrefer) {
    const int plain = server.release(failure);
    co_return UniqueFd(failure ? -1 : plain);
  }
  if (*offer != 'S') {
    co_return Fail(Code::kDenied,
                   fmt::format("{} does not speak TLS, which its DSN asks for", wish.host));
  }
  auto shaken = co_await Handshake(relay, wish, deadline);
  if (!shaken) {
    co_return Fail(std::move(shaken).error());
  }
  auto engine = MakeInner(*relay);
  if (engine) {
    relays.Spawn(Copy(relay, relay->inner, relay->outer));
    relays.Spawn(Copy(relay, relay->outer, relay->inner));
  }
  co_return engine;
}

}  // namespace paddock::sqlrunner
