#include "sqlrunner/postgres_tls.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace paddock::sqlrunner {
namespace {

constexpr std::string_view kSslRequest("\0\0\0\x08\x04\xd2\x16\x2f", 8);

constexpr char kYes = 'S';
constexpr char kNo = 'N';

Error NotPostgres() {
  return {.code = Code::kUnavailable, .message = "the database did not answer as PostgreSQL does"};
}

/// kYes or kNo. Exactly one byte is read: what follows belongs to TLS.
aio::Task<Result<char>> AskForTls(TlsRelay::Socket& server,  // outlives the task
                                  Deadline deadline) {
  std::string request(kSslRequest);
  auto sent = co_await WriteAll(server, std::move(request));
  if (!sent) {
    co_return Fail(std::move(sent).error());
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

aio::Task<Result<UniqueFd>> BeginPostgresTls(TlsRelayPtr relay,
                                             aio::TaskScope& relays,  // outlives the session
                                             Deadline deadline) {
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
