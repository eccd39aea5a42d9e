#include "gateway/testing/server_fixture.h"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace paddock::gateway::testing {
namespace {

aio::Task<Response> SayHello(Request& request) {
  co_return JsonResponse(200, fmt::format(R"({{"hello":"{}"}})", request.Parameter("name")));
}

aio::Task<Response> Echo(Request& request) { co_return JsonResponse(200, request.body); }

aio::Task<Response> CountUpload(Request& request) {
  std::size_t count = 0;
  for (;;) {
    auto piece = co_await request.body_source->Read(request.deadline);
    if (!piece) {
      co_return ErrorResponse(request, piece.error());
    }
    if (piece->empty()) {
      co_return JsonResponse(200, fmt::format("{}", count));
    }
    count += piece->size();
  }
}

aio::Task<Response> ShowMine(Request& request) {
  co_return JsonResponse(200, fmt::format("\"{}\"", request.caller->user().value()));
}

aio::Task<Response> ShowWho(Request& request) {
  co_return JsonResponse(200, fmt::format("{} {}", request.remote_address, request.origin));
}

Caller Ada(SentAs sent_as) {
  return {.principal = identity::GuestPrincipal(UserId("ada")), .sent_as = sent_as};
}

Result<AuthStep> Authenticate(Request& request, const Route* route) {
  if (route == nullptr || route->access == Access::kPublic) {
    return AuthStep::kDone;
  }
  const auto bearer = request.Header("Authorization");
  if (bearer && *bearer != "Bearer good") {
    return Fail(Code::kDenied, "The token is not valid.");
  }
  if (bearer) {
    request.caller = Ada(SentAs::kBearer);
  } else if (request.Cookie("session") == "good") {
    request.caller = Ada(SentAs::kCookie);
  } else if (request.Query("ticket") == "good") {
    request.caller = Ada(SentAs::kTicket);
  }
  if (request.Header("X-Elsewhere")) {  // nobody knows them without asking
    request.caller.reset();
    return AuthStep::kLookUp;
  }
  return AuthStep::kDone;
}

aio::Task<Result<void>> LookUp(Request& request, const Route& /*route*/) {
  const auto name = *request.Header("X-Elsewhere");
  co_await boost::asio::post(boost::asio::use_awaitable);
  if (name == "unknown") {
    co_return Fail(Code::kDenied, "Nobody knows you.");
  }
  if (name == "down") {
    co_return Fail(Code::kUnavailable, "the list of people is lost");
  }
  request.caller = Ada(SentAs::kBearer);
  co_return Result<void>();
}

}  // namespace

Route PublicRoute(Method method, std::string pattern, Handler handler) {
  Route route;
  route.method = method;
  route.pattern = std::move(pattern);
  route.handler = std::move(handler);
  route.access = Access::kPublic;
  return route;
}

ServerFixture::ServerFixture(ServerConfig config) : server_(std::move(config)) {
  Router& router = server_.router;
  router.SetAuthHook(Authenticate, LookUp);
  router.Add(PublicRoute(Method::kGet, "/hello/{name}", SayHello));
  router.Add(PublicRoute(Method::kGet, "/who", ShowWho));
  Route echo = PublicRoute(Method::kPost, "/echo", Echo);
  echo.body = BodyKind::kBuffered;
  echo.body_max = Bytes{1000};
  router.Add(std::move(echo));
  Route upload = PublicRoute(Method::kPut, "/upload", CountUpload);
  upload.body = BodyKind::kStreamed;
  upload.body_max = Bytes{1'000'000};
  router.Add(std::move(upload));
  for (const Method method : {Method::kGet, Method::kPost}) {
    Route mine = PublicRoute(method, "/mine", ShowMine);
    mine.access = Access::kUser;
    router.Add(std::move(mine));
  }
}

RawResponse ServerFixture::Ask(std::string_view bytes) {
  RawClient client(server_.port());
  client.Send(bytes);
  return client.ReadResponse();
}

int ServerFixture::StatusOfRefused(std::string_view bytes) {
  RawClient client(server_.port());
  client.TrySend(bytes);
  const int status = client.ReadResponse().status;
  EXPECT_TRUE(client.IsClosed());
  return status;
}

}  // namespace paddock::gateway::testing
