#include "gateway/routes/sql_relay.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"

namespace paddock::gateway {
namespace {

using sqlrunner::Frame;
using sqlrunner::FrameKind;

constexpr std::uint16_t kProtocolError = 1002;
constexpr std::uint16_t kNormal = 1000;
constexpr std::uint16_t kEndedByServer = 4000;  // docs/protocol/sql.md
constexpr std::size_t kDialsMax = 16;           // at once, of one conversation
constexpr std::size_t kTextsTogether = 64;
constexpr std::size_t kTextBytesTogether = std::size_t{64} * 1024;
constexpr std::chrono::seconds kDialTimeMax{15};
/// An agent that does not answer may be that of a sandbox that is just being stopped: soon it is
/// known which.
constexpr std::chrono::seconds kDoubtTimeMax{4};
constexpr std::chrono::milliseconds kDoubtInterval{250};
// A task that waited for nothing just then has not noticed; it is told again.
constexpr std::chrono::milliseconds kCancelIntervalMin{1};
constexpr std::chrono::milliseconds kCancelIntervalMax{256};

constexpr std::string_view kRestarted =
    R"({"type":"closed","reason":"runner_restarted","message":"the SQL service was restarted: )"
    R"(open the session again. What was not committed is rolled back, stored results are gone"})";

constexpr std::string_view kRemoved =
    R"({"type":"closed","reason":"database_removed","message":"an administrator has removed this )"
    R"(database: choose another one. Stored results are gone"})";
constexpr std::string_view kChanged =
    R"({"type":"closed","reason":"database_changed","message":"an administrator has changed where )"
    R"(this database is or who reads it: open it again. Stored results are gone"})";

/// What a session may reach in a sandbox: a port there, MariaDB's own socket, or SQLite, by a
/// program that is started for it.
bool IsAllowed(std::string_view target) {
  constexpr std::string_view kTcp = "tcp:";
  if (target == "unix:/run/mysqld/mysqld.sock" || target == "program:sqlite") {
    return true;
  }
  std::uint16_t port = 0;
  const char* end = target.data() + target.size();
  return target.starts_with(kTcp) &&
         std::from_chars(target.data() + kTcp.size(), end, port).ptr == end && port != 0;
}

}  // namespace

sqlrunner::ExternalAddress AddressOf(const databases::Dsn& dsn) {
  return {.engine = std::string(sql::Name(dsn.engine)),
          .host = dsn.host,
          .port = dsn.port,
          .database = dsn.database,
          .user = dsn.user,
          .password = dsn.password,
          .tls = std::string(Name(dsn.tls))};
}

SqlRelay::SqlRelay(const boost::asio::any_io_executor& executor,
                   WebSocket& client,
                   SqlReach reach,
                   UniqueFd runner)
    : client_(client),
      reach_(std::move(reach)),
      runner_(executor, std::move(runner)),
      scope_(executor) {}

void SqlRelay::End() {
  is_over_ = true;
  changed_.NotifyAll();
}

aio::Task<void> SqlRelay::Run() {
  scope_.Spawn(FromClient());
  scope_.Spawn(FromRunner());
  while (!is_over_) {
    auto woken = co_await changed_.Wait(Deadline::Never());
    if (!woken) {
      break;
    }
  }
  runner_.Close();
  auto interval = kCancelIntervalMin;
  while (scope_.running_count() > 0) {
    scope_.Cancel();
    auto woken = co_await changed_.Wait(Deadline::After(interval));
    if (!woken && woken.error().code == Code::kCancelled) {
      break;
    }
    interval = std::min(2 * interval, kCancelIntervalMax);
  }
  co_await scope_.Join();
}

aio::Task<void> SqlRelay::FromClient() {
  for (;;) {
    auto message = co_await client_.Receive();
    if (!message) {
      break;
    }
    if (message->kind != MessageKind::kText) {
      co_await client_.Close(kProtocolError, "text messages only");
      break;
    }
    auto sent = co_await runner_.Send(FrameKind::kText, message->data);
    if (!sent) {
      co_return;  // FromRunner has more to say about it
    }
  }
  End();
}

aio::Task<void> SqlRelay::FromRunner() {
  for (;;) {
    auto frame = co_await runner_.Receive();
    if (!frame) {
      if (is_taken_back_) {
        co_return;  // who has closed the runner tells the client why
      }
      if (frame.error().code != Code::kCancelled) {
        co_await Tell(kRestarted);
      }
      break;
    }
    if (frame->kind == FrameKind::kEnd) {
      const auto code = frame->payload == "1000" ? kNormal : kEndedByServer;
      co_await client_.Close(code, "");
      break;
    }
    auto taken = co_await Take(*std::move(frame));
    if (!taken) {
      break;
    }
  }
  End();
}

aio::Task<void> SqlRelay::Tell(std::string_view closed) {  // a constant
  [[maybe_unused]] auto told = co_await client_.Send(MessageKind::kText, {}, closed);
  co_await client_.Close(kEndedByServer, "");
  End();
}

// The runner's end of the session goes first: whether the client reads or not, nothing more is
// asked of the database.
void SqlRelay::HearChange(databases::Change change) {
  if (!is_taken_back_ && !is_over_) {
    is_taken_back_ = true;
    runner_.Close();
    scope_.Spawn(Tell(change == databases::Change::kRemoved ? kRemoved : kChanged));
  }
}

aio::Task<Result<void>> SqlRelay::Take(Frame frame) {
  if (frame.kind == FrameKind::kText) {
    auto passed = co_await Pass(std::move(frame.payload));
    co_return passed;
  }
  auto request = sqlrunner::DecodeDialRequest(frame.payload);
  if (frame.kind != FrameKind::kDial || !request || dial_count_ >= kDialsMax) {
    log::Warn("the SQL runner broke the form of what it sends");
    co_return Fail(Code::kInvalid, "a broken runner");
  }
  scope_.Spawn(Answer(*std::move(request)));
  co_return Result<void>();
}

/// What came together goes on together, so that the client is woken once.
aio::Task<Result<void>> SqlRelay::Pass(std::string text) {
  std::vector<std::string> texts;
  std::size_t size = text.size();
  texts.push_back(std::move(text));
  while (size < kTextBytesTogether && texts.size() < kTextsTogether &&
         runner_.HasText(kTextBytesTogether - size)) {
    auto next = co_await runner_.Receive();
    if (!next) {
      co_return Fail(std::move(next).error());
    }
    size += next->payload.size();
    texts.push_back(std::move(next->payload));
  }
  auto sent = co_await client_.SendAll(texts);
  co_return sent;
}

aio::Task<void> SqlRelay::Answer(sqlrunner::DialRequest request) {
  ++dial_count_;
  sqlrunner::DialAnswer answer{
      .number = request.number, .refusal = std::nullopt, .address = std::nullopt};
  UniqueFd dialled;
  if (request.external.empty()) {
    auto connected = co_await Dial(std::move(request), Deadline::After(kDialTimeMax));
    if (connected) {
      dialled = *std::move(connected);
    } else {
      answer.refusal = std::move(connected).error();
    }
  } else {
    co_await Look(std::move(request), answer);
  }
  --dial_count_;
  const auto kind = answer.refusal ? FrameKind::kRefused : FrameKind::kDialled;
  const int passed = dialled ? dialled.get() : -1;
  const std::string payload = sqlrunner::EncodeDialAnswer(answer);
  [[maybe_unused]] auto sent = co_await runner_.Send(kind, payload, passed);
}

aio::Task<void> SqlRelay::Look(sqlrunner::DialRequest request,
                               sqlrunner::DialAnswer& answer) {  // outlives the task
  if (!reach_.registered) {
    answer.refusal = Error{.code = Code::kDenied,
                           .message =
                               "Please sign in: registered databases are for who has an "
                               "account."};
    co_return;
  }
  watch_ = reach_.registry.watches().Begin(
      request.external, [this](databases::Change change) { HearChange(change); });
  auto found = co_await reach_.registry.Open(request.external, Deadline::After(kDialTimeMax));
  if (found) {
    answer.address = AddressOf(found->dsn);
  } else {
    const bool is_told =
        found.error().code == Code::kNotFound || found.error().code == Code::kConflict;
    answer.refusal = is_told ? std::move(found).error()
                             : Error{.code = Code::kUnavailable,
                                     .message =
                                         "where this database is could not be looked up: try "
                                         "again in a moment"};
  }
}

/// kNotFound and kConflict are about the sandbox alone.
aio::Task<Result<UniqueFd>> SqlRelay::Dial(sqlrunner::DialRequest request, Deadline deadline) {
  if (!IsIdText(request.sandbox)) {
    co_return Fail(Code::kNotFound, "no such sandbox");
  }
  if (!IsAllowed(request.target)) {
    co_return Fail(Code::kDenied, "a session reaches databases only");
  }
  auto agent = co_await FindAgent(SandboxId(request.sandbox), deadline);
  if (!agent) {
    co_return Fail(std::move(agent).error());
  }
  auto stream =
      co_await reach_.manager.Forward(*agent, SandboxId(request.sandbox), request.target, deadline);
  if (!stream && stream.error().code != Code::kCancelled) {
    co_return Fail(Code::kUnavailable, "no database answers in the sandbox (" + request.target +
                                           "): is its server running?");
  }
  co_return stream;
}

aio::Task<Result<sandbox::AgentRef>> SqlRelay::FindAgent(SandboxId id, Deadline deadline) {
  const auto doubt = Deadline::After(kDoubtTimeMax);
  for (;;) {
    auto agent = co_await reach_.manager.Agent(reach_.caller, id, deadline);
    if (agent || agent.error().code != Code::kUnavailable || doubt.Passed()) {
      co_return agent;
    }
    // Nobody notifies: this only waits, unless the relay ends.
    auto woken = co_await changed_.Wait(Deadline::After(kDoubtInterval));
    if (woken || woken.error().code == Code::kCancelled) {
      co_return agent;
    }
  }
}

}  // namespace paddock::gateway
