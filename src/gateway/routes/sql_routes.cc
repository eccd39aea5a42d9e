#include "gateway/routes/sql_routes.h"

#include <memory>
#include <utility>

#include <boost/asio/this_coro.hpp>

#include "gateway/routes/sql_relay.h"
#include "gateway/websocket.h"
#include "identity/policy.h"
#include "sqlrunner/link/local_socket.h"

namespace paddock::gateway {
namespace {

constexpr std::string_view kSubprotocol = "paddock.sql.v1";
constexpr std::size_t kMessageMax = std::size_t{2} * 1024 * 1024;  // docs/protocol/sql.md

/// What one open socket holds; the upgrade's function must be copyable, so it is shared.
struct Held {
  UniqueFd runner;
  identity::UserQuota::Place socket;
  identity::UserQuota::Place session;
};

aio::Task<void> Converse(WebSocket& socket,  // outlives the task
                         SqlReach reach,
                         std::shared_ptr<Held> held) {
  const auto executor = co_await boost::asio::this_coro::executor;
  SqlRelay relay(executor, socket, std::move(reach), std::move(held->runner));
  co_await relay.Run();
}

}  // namespace

void SqlRoutes::AddTo(Router& router) {
  router.Add({.method = Method::kGet,
              .pattern = std::string(kSqlSocketPath),
              .handler = [this](Request& request) { return Attach(request); },
              .action = identity::Action::kUseSandbox,
              .websocket = true});
}

aio::Task<Response> SqlRoutes::Attach(Request& request) {
  const UserId& caller = CallerOf(request);
  auto socket = TakePlace(context_.sockets, caller, "WebSockets");
  if (!socket) {
    co_return ErrorResponse(request, socket.error());
  }
  auto session = TakePlace(context_.sql_sessions, caller, "SQL sessions");
  if (!session) {
    co_return ErrorResponse(request, session.error());
  }
  const SqlRunnerPlace& place = context_.config.sql_runner;
  auto runner = sqlrunner::ConnectTo(place.socket, place.users);
  if (!runner) {
    Error unavailable = std::move(runner).error();
    unavailable.code = Code::kUnavailable;
    co_return ErrorResponse(request, unavailable,
                            "SQL sessions are not to be had at the moment: try again in a while");
  }
  auto held = std::make_shared<Held>(Held{
      .runner = *std::move(runner), .socket = *std::move(socket), .session = *std::move(session)});
  WebSocketUpgrade upgrade{
      .subprotocol = std::string(kSubprotocol), .message_bytes_max = kMessageMax, .run = {}};
  const bool registered = identity::Check(PrincipalOf(request), identity::Action::kReadDatabases,
                                          identity::Relation::kOther)
                              .has_value();
  SqlReach reach{.manager = context_.parts.manager,
                 .registry = context_.databases,
                 .caller = caller,
                 .registered = registered};
  upgrade.run = [this, reach, held, holder = request.caller->principal](WebSocket& client) {
    auto body = Converse(client, reach, held);
    return context_.open_streams.Run(holder, std::move(body));
  };
  Response response{.status = 101, .headers = {}, .body = std::move(upgrade)};
  co_return response;
}

}  // namespace paddock::gateway
