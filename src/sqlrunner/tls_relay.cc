#include "sqlrunner/tls_relay.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "egress/server_name.h"

namespace paddock::sqlrunner {
namespace asio = boost::asio;

namespace {

using Local = asio::local::stream_protocol;

constexpr std::size_t kBufferSize = std::size_t{16} * 1024;  // what a record of TLS holds

template <class From, class To>
aio::Task<void> Copy(TlsRelayPtr relay, From& from, To& to) {  // both are parts of `relay`
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

/// `stopped` is of the timer: its own end says that the time was up.
Error Late(const boost::system::error_code& stopped) {
  return stopped ? Error{.code = Code::kCancelled, .message = "given up"}
                 : Error{.code = Code::kDeadlineExceeded,
                         .message = "the database did not answer in time"};
}

template <class From>
aio::Task<Result<void>> ReadAllFrom(From& from, std::span<char> bytes, Deadline deadline) {
  asio::steady_timer timer(from.get_executor(), deadline.when());
  auto either = asio::experimental::make_parallel_group(
      asio::async_read(from, asio::buffer(bytes.data(), bytes.size()), asio::deferred),
      timer.async_wait(asio::deferred));
  auto [order, failure, count, stopped] = co_await either.async_wait(
      asio::experimental::wait_for_one(), asio::as_tuple(asio::use_awaitable));
  if (order.front() != 0) {
    co_return Fail(Late(stopped));
  }
  if (failure) {
    co_return Fail(Code::kUnavailable, "the database hung up");
  }
  co_return Result<void>();
}

template <class To>
aio::Task<Result<void>> WriteAllTo(To& to, std::string bytes) {  // outlives the task
  auto [lost, written] =
      co_await asio::async_write(to, asio::buffer(bytes), asio::as_tuple(asio::use_awaitable));
  if (lost) {
    co_return Fail(Code::kUnavailable, "the connection to the database was lost");
  }
  co_return Result<void>();
}

bool IsAddress(const std::string& host) {
  boost::system::error_code no_address;
  asio::ip::make_address(host, no_address);
  return !no_address;
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

}  // namespace

std::optional<TlsMode> ParseTlsMode(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 4> kNames{"prefer", "require", "verify-ca", "verify-full"};
  const auto* const found = std::ranges::find(kNames, name);
  if (found == kNames.end()) {
    return std::nullopt;
  }
  return static_cast<TlsMode>(found - kNames.begin());
}

TlsRelay::TlsRelay(const asio::any_io_executor& executor, asio::ssl::context context, TlsWish wish)
    : wish_(std::move(wish)),
      context_(std::move(context)),
      secured_(executor, context_),
      engine_(executor) {}

Result<TlsRelayPtr> TlsRelay::Make(const asio::any_io_executor& executor,
                                   UniqueFd connected,
                                   TlsWish wish) {
  auto context = MakeContext(wish);
  if (!context) {
    return Fail(std::move(context).error());
  }
  TlsRelayPtr relay(new TlsRelay(executor, *std::move(context), std::move(wish)));
  boost::system::error_code failure;
  relay->server().assign(Local(), connected.get(), failure);
  if (failure) {
    return Fail(Code::kExhausted, failure.message());
  }
  [[maybe_unused]] const int adopted = connected.Release();
  return relay;
}

Result<UniqueFd> TlsRelay::ReleaseServer() {
  boost::system::error_code failure;
  const int plain = server().release(failure);
  if (failure) {
    return Fail(Code::kExhausted, failure.message());
  }
  return UniqueFd(plain);
}

void TlsRelay::Close() {
  boost::system::error_code ignored;
  server().close(ignored);
  engine_.close(ignored);
}

Result<void> TlsRelay::AskForCertificate() {
  SSL* const tls = secured_.native_handle();
  const bool is_address = IsAddress(wish_.host);
  boost::system::error_code failure;
  const bool verifies = wish_.mode >= TlsMode::kVerifyCa;
  secured_.set_verify_mode(verifies ? asio::ssl::verify_peer : asio::ssl::verify_none, failure);
  bool is_set = !failure;
  if (wish_.mode == TlsMode::kVerifyFull) {
    X509_VERIFY_PARAM* const wanted = SSL_get0_param(tls);
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    is_set = is_set && (is_address ? X509_VERIFY_PARAM_set1_ip_asc(wanted, wish_.host.c_str())
                                   : X509_VERIFY_PARAM_set1_host(wanted, wish_.host.data(),
                                                                 wish_.host.size())) == 1;
  }
  egress::NameServer(tls, wish_.host);
  return is_set ? Result<void>()
                : Result<void>(Fail(Code::kInternal, "TLS could not be set up for this host"));
}

Error TlsRelay::HandshakeFailure(const boost::system::error_code& failure) {
  const long verified = SSL_get_verify_result(secured_.native_handle());
  if (wish_.mode < TlsMode::kVerifyCa || verified == X509_V_OK) {
    return {.code = Code::kDenied,
            .message = fmt::format("TLS with {} failed: {}", wish_.host, failure.message())};
  }
  if (verified == X509_V_ERR_HOSTNAME_MISMATCH || verified == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    return {.code = Code::kDenied,
            .message = fmt::format("TLS with {0} failed: its certificate is for another name. "
                                   "Register the name that stands in the certificate, or give the "
                                   "server one for {0}",
                                   wish_.host)};
  }
  return {.code = Code::kDenied,
          .message = fmt::format(
              "TLS with {} failed: its certificate is not trusted ({}). It must be valid, and from "
              "an authority that Paddock's host trusts: add that to the host's authorities "
              "(Debian: update-ca-certificates)",
              wish_.host, X509_verify_cert_error_string(verified))};
}

aio::Task<Result<void>> TlsRelay::Handshake(Deadline deadline) {
  auto asked = AskForCertificate();
  if (!asked) {
    co_return asked;
  }
  asio::steady_timer timer(engine_.get_executor(), deadline.when());
  auto either = asio::experimental::make_parallel_group(
      secured_.async_handshake(asio::ssl::stream_base::client, asio::deferred),
      timer.async_wait(asio::deferred));
  auto [order, refused, stopped] = co_await either.async_wait(asio::experimental::wait_for_one(),
                                                              asio::as_tuple(asio::use_awaitable));
  if (order.front() != 0) {
    co_return Fail(Late(stopped));
  }
  if (refused) {
    co_return Fail(HandshakeFailure(refused));
  }
  co_return Result<void>();
}

Result<UniqueFd> TlsRelay::MakeEngineEnd() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
    return Fail(Code::kExhausted, fmt::format("socketpair: {}", strerrordesc_np(errno)));
  }
  UniqueFd engine(ends[0]);
  UniqueFd own(ends[1]);
  boost::system::error_code failure;
  engine_.assign(Local(), own.get(), failure);
  if (failure) {
    return Fail(Code::kExhausted, failure.message());
  }
  [[maybe_unused]] const int adopted = own.Release();
  return engine;
}

void StartCopying(const TlsRelayPtr& relay, bool with_tls, aio::TaskScope& relays) {
  if (with_tls) {
    relays.Spawn(Copy(relay, relay->engine(), relay->secured()));
    relays.Spawn(Copy(relay, relay->secured(), relay->engine()));
  } else {
    relays.Spawn(Copy(relay, relay->engine(), relay->server()));
    relays.Spawn(Copy(relay, relay->server(), relay->engine()));
  }
}

aio::Task<Result<void>> ReadAll(TlsRelay::Socket& from,  // both outlive the task
                                std::span<char> bytes,
                                Deadline deadline) {
  return ReadAllFrom(from, bytes, deadline);
}

aio::Task<Result<void>> ReadAll(TlsRelay::Secured& from,  // both outlive the task
                                std::span<char> bytes,
                                Deadline deadline) {
  return ReadAllFrom(from, bytes, deadline);
}

aio::Task<Result<void>> WriteAll(TlsRelay::Socket& to,  // both outlive the task
                                 std::string bytes) {
  return WriteAllTo(to, std::move(bytes));
}

aio::Task<Result<void>> WriteAll(TlsRelay::Secured& to, std::string bytes) {  // outlives the task
  return WriteAllTo(to, std::move(bytes));
}

std::unexpected<Error> SpeaksNoTls(const std::string& host) {
  return Fail(Code::kDenied,
              fmt::format("{} does not speak TLS, which its DSN asks for: turn it on there, "
                          "or register it with sslmode=prefer",
                          host));
}

}  // namespace paddock::sqlrunner
