#include "engines/postgres/startup.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>
#include <libpq-fe.h>

#include "aio/offload.h"
#include "engines/door/door.h"
#include "engines/door/waiting.h"

namespace paddock::engines::postgres {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kCancelRequestSize = 16;
constexpr std::size_t kSettingSizeMax = 1024;  // of a name or a password
constexpr int kRoundsMax = 1'000;              // of a handshake
constexpr std::size_t kStateSize = 5;

struct CloseConnection {
  void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
using ConnectionPtr = std::unique_ptr<PGconn, CloseConnection>;

struct FreeCancel {
  void operator()(PGcancel* cancel) const noexcept { PQfreeCancel(cancel); }
};
using CancelPtr = std::unique_ptr<PGcancel, FreeCancel>;

void IgnoreNotice(void* /*unused*/, const char* /*message*/) {}

bool IsState(std::string_view text) {
  return text.size() == kStateSize && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
         });
}

Code CodeOf(std::string_view state) {
  if (state == "3D000") {
    return Code::kNotFound;
  }
  const bool is_refusal = state.starts_with("28") || state == "42501";
  return is_refusal ? Code::kDenied : Code::kUnavailable;
}

bool IsFit(const sql::OpenSpec& spec) {
  return std::ranges::all_of(
      std::array{&spec.database, &spec.user, &spec.password, &spec.application_name},
      [](const std::string* text) {
        return text->size() <= kSettingSizeMax && text->find('\0') == std::string::npos;
      });
}

// Everything is said that the environment or a file could say otherwise.
ConnectionPtr Begin(const sql::OpenSpec& spec, const Door& door) {
  constexpr std::array kKeywords{"host",
                                 "port",
                                 "dbname",
                                 "user",
                                 "password",
                                 "sslmode",
                                 "gssencmode",
                                 "client_encoding",
                                 "options",
                                 "passfile",
                                 "application_name",
                                 "channel_binding",
                                 "target_session_attrs",
                                 static_cast<const char*>(nullptr)};
  const std::string& host = door.directory().native();
  const std::array values{host.c_str(),
                          "1",
                          spec.database.c_str(),
                          spec.user.c_str(),
                          spec.password.c_str(),
                          "disable",
                          "disable",
                          "UTF8",
                          " ",
                          "/nonexistent",
                          spec.application_name.c_str(),
                          "disable",
                          "any",
                          static_cast<const char*>(nullptr)};
  static_assert(kKeywords.size() == std::tuple_size_v<decltype(values)>);
  return ConnectionPtr(PQconnectStartParams(kKeywords.data(), values.data(), 0));
}

Error FailureOf(PGconn* connection) {
  return StartUpFailure(PQerrorMessage(connection), PQconnectionNeedsPassword(connection) != 0);
}

aio::Task<Result<void>> Handshake(PGconn* connection, Deadline deadline) {
  asio::posix::stream_descriptor socket(co_await asio::this_coro::executor);
  boost::system::error_code failure;
  socket.assign(PQsocket(connection), failure);
  Result<void> ready;
  PostgresPollingStatusType step = PGRES_POLLING_WRITING;
  for (int round = 0; ready && round < kRoundsMax; ++round) {
    if (step != PGRES_POLLING_WRITING && step != PGRES_POLLING_READING) {
      break;
    }
    const Direction direction = step == PGRES_POLLING_READING ? kReadable : kWritable;
    ready = co_await WaitFor(socket, direction, deadline);
    if (ready) {
      step = PQconnectPoll(connection);
    }
  }
  if (socket.is_open()) {
    socket.release();
  }
  if (ready && step != PGRES_POLLING_OK) {
    co_return Fail(FailureOf(connection));
  }
  co_return ready;
}

// libpq knows the key but does not tell it: so it is let send its request, to us.
Result<std::string> LearnCancelRequest(Door& door, PGcancel* cancel) {
  constexpr int kReasonSize = 256;
  const std::jthread client([cancel] {
    std::array<char, kReasonSize> reason{};
    [[maybe_unused]] const int sent = PQcancel(cancel, reason.data(), kReasonSize);
  });
  auto request = door.TakeMessage(kCancelRequestSize);
  door.Shut();  // or libpq would wait at it, should it be late
  return request;
}

std::string Parameter(PGconn* connection, const char* name) {
  const char* value = PQparameterStatus(connection, name);
  return value == nullptr ? "" : value;
}

}  // namespace

Error StartUpFailure(std::string_view text, bool needs_password) {
  constexpr std::string_view kOurs = " failed: ";
  if (needs_password) {
    return {.code = Code::kDenied, .message = "the database wants a password"};
  }
  if (const auto ours = text.find(kOurs);
      text.starts_with("connection to server") && ours != std::string_view::npos) {
    text.remove_prefix(ours + kOurs.size());
  }
  const auto gap = text.find(":  ");
  const std::string_view state =
      gap == std::string_view::npos ? "" : text.substr(gap + 3, kStateSize);
  std::string_view message = text.substr(0, text.find('\n'));
  if (!IsState(state)) {
    return {.code = Code::kUnavailable, .message = std::string(message)};
  }
  message.remove_prefix(std::min(gap + 3 + kStateSize + 2, message.size()));
  return {.code = CodeOf(state), .message = std::string(message)};
}

aio::Task<Result<Opened>> StartUp(sql::OpenSpec spec,
                                  UniqueFd dialled,
                                  Workplace workplace,
                                  Deadline deadline) {
  if (!IsFit(spec)) {
    co_return Fail(Code::kInvalid, "the database, user or password is too long");
  }
  auto door = Door::Open(workplace.directory);
  if (!door) {
    co_return Fail(std::move(door).error());
  }
  const ConnectionPtr connection = Begin(spec, *door);
  if (connection == nullptr || PQstatus(connection.get()) == CONNECTION_BAD) {
    co_return Fail(Code::kUnavailable, "no connection to the database could be begun");
  }
  PQsetNoticeProcessor(connection.get(), &IgnoreNotice, nullptr);
  PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
  auto admitted = door->Admit(PQsocket(connection.get()), std::move(dialled));
  if (!admitted) {
    co_return Fail(std::move(admitted).error());
  }
  auto shaken = co_await Handshake(connection.get(), deadline);
  if (!shaken) {
    co_return Fail(std::move(shaken).error());
  }
  Opened opened{.socket = UniqueFd(),
                .server_version = Parameter(connection.get(), "server_version"),
                .kwdb_version = Parameter(connection.get(), "kwdb_version"),
                .cancel_request = ""};
  const CancelPtr cancel(PQgetCancel(connection.get()));
  if (cancel != nullptr && PQbackendPID(connection.get()) != 0) {
    auto learn = [&door, &cancel] { return LearnCancelRequest(*door, cancel.get()); };
    auto learnt = co_await aio::Offload(*workplace.pool, std::move(learn));
    if (!learnt) {
      co_return Fail(std::move(learnt).error());
    }
    opened.cancel_request = *std::move(learnt);
  }
  auto kept = Door::Withdraw(PQsocket(connection.get()));
  if (!kept) {
    co_return Fail(std::move(kept).error());
  }
  opened.socket = *std::move(kept);
  co_return opened;
}

}  // namespace paddock::engines::postgres
