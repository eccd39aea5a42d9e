#include "gateway/routes/terminal_routes.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "gateway/json_body.h"
#include "gateway/routes/body_rules.h"
#include "gateway/routes/forms.h"
#include "gateway/websocket.h"
#include "terminals/relay.h"

namespace paddock::gateway {
namespace {

constexpr std::int64_t kCellsMax = 1000;
constexpr std::string_view kSubprotocol = "paddock.terminal.v1";
constexpr std::size_t kMessageMax = (64U << 10U) + 64;  // docs/protocol/terminal.md
constexpr std::uint16_t kProtocolError = 1002;

/// The gateway's WebSocket as terminals/ wants it: binary messages only.
class TerminalSocket final : public terminals::ViewerSocket {
 public:
  explicit TerminalSocket(WebSocket& socket) : socket_(socket) {}

  aio::Task<Result<std::string>> Receive() override {
    auto message = co_await socket_.Receive();
    if (!message) {
      co_return Fail(std::move(message).error());
    }
    if (message->kind != MessageKind::kBinary) {
      co_await socket_.Close(kProtocolError, "binary messages only");
      co_return Fail(Code::kInvalid, "a text message");
    }
    co_return std::move(message->data);
  }

  aio::Task<Result<void>> Send(std::string_view head, std::string_view payload) override {
    auto sent = co_await socket_.Send(MessageKind::kBinary, head, payload);
    co_return sent;
  }

  aio::Task<void> Close(std::uint16_t code, std::string reason) override {
    co_await socket_.Close(code, std::move(reason));
  }

 private:
  WebSocket& socket_;
};

/// What one open socket holds; the upgrade's function must be copyable, so it is shared.
struct Conversation {
  std::unique_ptr<sandbox::TerminalChannel> channel;
  sandbox::AgentRef agent;  // keeps the connection while the channel is in use
  identity::UserQuota::Place place;
};

aio::Task<void> Converse(WebSocket& socket,  // outlives the task
                         std::shared_ptr<Conversation> conversation) {
  TerminalSocket viewer(socket);
  co_await terminals::Relay(viewer, std::move(conversation->channel));
}

}  // namespace

Result<sandbox::TerminalSpec> ReadTerminalSpec(std::string_view text) {
  auto body = JsonBody::Parse(text);
  if (!body) {
    return Fail(std::move(body).error());
  }
  JsonObject root = body->root();
  sandbox::TerminalSpec spec{.id = NewId<TerminalId>(), .argv = {}, .env = {}, .cwd = {}};
  spec.column_count = static_cast<std::uint16_t>(root.RequiredInteger("cols", 1, kCellsMax));
  spec.row_count = static_cast<std::uint16_t>(root.RequiredInteger("rows", 1, kCellsMax));
  spec.argv = ReadArgv(root).value_or(std::vector<std::string>());
  spec.env = ReadEnv(root);
  spec.cwd = ReadCwd(root);
  auto valid = body->Finish();
  if (!valid) {
    return Fail(std::move(valid).error());
  }
  return spec;
}

void TerminalRoutes::AddTo(Router& router) {
  router.Add({.method = Method::kPost,
              .pattern = "/api/v1/sandboxes/{sandbox_id}/terminals",
              .handler = [this](Request& request) { return Open(request); },
              .action = identity::Action::kUseSandbox,
              .body = BodyKind::kBuffered,
              .body_max = 256_KiB});
  router.Add({.method = Method::kGet,
              .pattern = "/api/v1/sandboxes/{sandbox_id}/terminals",
              .handler = [this](Request& request) { return List(request); },
              .action = identity::Action::kReadSandbox});
  router.Add({.method = Method::kGet,
              .pattern = "/api/v1/terminals/{terminal_id}",
              .handler = [this](Request& request) { return Get(request); },
              .action = identity::Action::kReadSandbox});
  router.Add({.method = Method::kDelete,
              .pattern = "/api/v1/terminals/{terminal_id}",
              .handler = [this](Request& request) { return Close(request); },
              .action = identity::Action::kUseSandbox});
  router.Add({.method = Method::kGet,
              .pattern = "/api/v1/terminals/{terminal_id}/socket",
              .handler = [this](Request& request) { return Attach(request); },
              .action = identity::Action::kUseSandbox,
              .websocket = true});
}

aio::Task<Response> TerminalRoutes::Open(Request& request) {
  auto spec = ReadTerminalSpec(request.body);
  if (!spec) {
    co_return ErrorResponse(request, spec.error());
  }
  auto agent = co_await AgentOf(context_, request);
  if (!agent) {
    co_return ErrorResponse(request, agent.error());
  }
  auto open = co_await (*agent)->ListTerminals(request.deadline);
  if (!open) {
    co_return ErrorResponse(request, open.error());
  }
  const int terminals_max = context_.config.limits.sandbox_terminals_max;
  // Those that others are opening are not in the list yet.
  const SandboxId sandbox(std::string(request.Parameter("sandbox_id")));
  const auto opening = opening_.find(sandbox);
  const std::size_t count = open->size() + (opening == opening_.end() ? 0 : opening->second);
  if (count >= static_cast<std::size_t>(terminals_max)) {
    Error full{.code = Code::kExhausted,
               .message = fmt::format("all {} terminals of this sandbox are in use: close one",
                                      terminals_max)};
    co_return ErrorResponse(request, full);
  }
  ++opening_[sandbox];
  auto terminal = co_await (*agent)->OpenTerminal(*std::move(spec), request.deadline);
  if (--opening_[sandbox] == 0) {
    opening_.erase(sandbox);
  }
  if (!terminal) {
    co_return ErrorResponse(request, terminal.error());
  }
  context_.terminals.Remember(CallerOf(request), terminal->id, sandbox);
  JsonWriter out;
  WriteTerminal(out, sandbox, *terminal);
  Response response = JsonResponse(201, std::move(out).Take());
  response.Set("Location", fmt::format("/api/v1/terminals/{}", terminal->id.value()));
  co_return response;
}

aio::Task<Response> TerminalRoutes::List(Request& request) {
  auto agent = co_await AgentOf(context_, request);
  if (!agent) {
    co_return ErrorResponse(request, agent.error());
  }
  auto terminals = co_await (*agent)->ListTerminals(request.deadline);
  if (!terminals) {
    co_return ErrorResponse(request, terminals.error());
  }
  std::ranges::sort(*terminals, {}, &sandbox::TerminalInfo::created_at);
  const SandboxId sandbox(std::string(request.Parameter("sandbox_id")));
  JsonWriter out;
  out.BeginObject().Key("terminals").BeginArray();
  for (const sandbox::TerminalInfo& terminal : *terminals) {
    context_.terminals.Remember(CallerOf(request), terminal.id, sandbox);
    WriteTerminal(out, sandbox, terminal);
  }
  out.EndArray().EndObject();
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Result<TerminalIndex::Place>> TerminalRoutes::Find(Request& request) {
  auto id = TerminalOf(request);
  if (!id) {
    co_return Fail(std::move(id).error());
  }
  auto place =
      co_await context_.terminals.Find(CallerOf(request), *std::move(id), request.deadline);
  co_return place;
}

aio::Task<Response> TerminalRoutes::Get(Request& request) {
  auto place = co_await Find(request);
  if (!place) {
    co_return ErrorResponse(request, place.error());
  }
  auto terminals = co_await place->agent->ListTerminals(request.deadline);
  if (!terminals) {
    co_return ErrorResponse(request, terminals.error());
  }
  const auto found = std::ranges::find(*terminals, request.Parameter("terminal_id"),
                                       [](const auto& terminal) { return terminal.id.value(); });
  if (found == terminals->end()) {
    context_.terminals.Forget(CallerOf(request),
                              TerminalId(std::string(request.Parameter("terminal_id"))));
    co_return ErrorResponse(request, {.code = Code::kNotFound, .message = "no such terminal"});
  }
  JsonWriter out;
  WriteTerminal(out, place->sandbox, *found);
  co_return JsonResponse(200, std::move(out).Take());
}

aio::Task<Response> TerminalRoutes::Close(Request& request) {
  auto place = co_await Find(request);
  if (!place) {
    co_return ErrorResponse(request, place.error());
  }
  TerminalId id(std::string(request.Parameter("terminal_id")));
  auto closed = co_await place->agent->CloseTerminal(id, request.deadline);
  if (closed || closed.error().code == Code::kNotFound) {
    context_.terminals.Forget(CallerOf(request), id);
  }
  co_return Answer(request, closed);
}

aio::Task<Response> TerminalRoutes::Attach(Request& request) {
  auto taken = TakePlace(context_.sockets, CallerOf(request), "WebSockets");
  if (!taken) {
    co_return ErrorResponse(request, taken.error());
  }
  auto place = co_await Find(request);
  if (!place) {
    co_return ErrorResponse(request, place.error());
  }
  TerminalId id(std::string(request.Parameter("terminal_id")));
  auto channel = co_await place->agent->AttachTerminal(id, request.deadline);
  if (!channel) {
    if (channel.error().code == Code::kNotFound) {
      context_.terminals.Forget(CallerOf(request), id);
    }
    co_return ErrorResponse(request, channel.error());
  }
  Conversation conversation{
      .channel = *std::move(channel), .agent = std::move(place->agent), .place = *std::move(taken)};
  auto shared = std::make_shared<Conversation>(std::move(conversation));
  WebSocketUpgrade upgrade{
      .subprotocol = std::string(kSubprotocol), .message_bytes_max = kMessageMax, .run = {}};
  upgrade.run = [&streams = context_.open_streams, holder = request.caller->principal,
                 shared](WebSocket& socket) {
    auto body = Converse(socket, shared);
    return streams.Run(holder, std::move(body));
  };
  Response response{.status = 101, .headers = {}, .body = std::move(upgrade)};
  co_return response;
}

}  // namespace paddock::gateway
