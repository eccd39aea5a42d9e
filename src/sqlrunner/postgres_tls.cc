#include "sqlrunner/postgres_tls.h"

#include <array>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace paddock::sqlrunner {
namespace asio = boost::asio;

namespace {

constexpr std::array<char, 8> kSslRequest{0, 0, 0, 8, 0x04, '\xd2', 0x16, '\x2f'};

constexpr char kYes = 'S';
constexpr char kNo = 'N';

Error NotPostgres() {
  return {.code = Code::kUnavailable, .message = "the database did not answer as PostgreSQL does"};
}

/// kYes or kNo. Exactly one byte is read: what follows belongs to TLS.
aio::Task<Result<char>> AskForTls(TlsRelay::Socket& server,  // outlives the task
                                  Deadline deadline) {
  auto [lost, sent] = co_await asio::async_write(server, asio::buffer(kSslRequest),
                                                 asio::as_tuple(asio::use_awaitable));
  if (lost) {
    co_return Fail(Code::kUnavailable, "the connection to the database was lost");
  }
  std::array<char, 1> answer{};
  auto read = co_await ReadAll(server, answer, deadline);
  if (!read) {
    co_return Fail(read.error().code == Code::kUnavailable ? NotPostgres()
                                                           : std::move(read).error());
  }
  if (answer.front() != kYes && answer.front() != kNo) {
    co_return Fail(NotPostgres());
  }
  co_return answer.front();
}

}  // namespace

aio::Task<Result<UniqueFd>> BeginPostgresTls(UniqueFd connected,
                                             TlsWish wish,
                                             aio::TaskScope& relays,  // outlives the session
                                             Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  auto made = TlsRelay::Make(executor, std::move(connected), std::move(wish));
  if (!made) {
    co_return Fail(std::move(made).error());
  }
  const TlsRelayPtr relay = *std::move(made);
  auto offer = co_await AskForTls(relay->server(), deadline);
  if (!offer) {
    co_return Fail(std::move(offer).error());
  }
  if (*offer == kNo && relay->wish().mode == TlsMode::kPrefer) {
    co_return relay->ReleaseServer();
  }
  if (*offer == kNo) {
    co_return SpeaksNoTls(relay->wish().host);
  }
  auto shaken = co_await relay->Handshake(deadline);
  if (!shaken) {
    co_return Fail(std::move(shaken).error());
  }
  auto engine = relay->MakeEngineEnd();
  if (engine) {
    StartCopying(relay, true, relays);
  }
  co_return engine;
}

}  // namespace paddock::sqlrunner
