#include "gateway/server.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/testing/server_fixture.h"

namespace paddock::gateway {
namespace {

namespace asio = boost::asio;
using ::testing::HasSubstr;
using testing::LiveServer;
using testing::PublicRoute;
using testing::RawClient;
using testing::RawResponse;

/// Waits until it is cancelled or a minute is over; `heeded` tells which.
aio::Task<Response> WaitFor(std::atomic<bool>& heeded) {
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::minutes(1));
  auto [failure] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  heeded = failure == asio::error::operation_aborted;
  co_return JsonResponse(200, "{}");
}

class Pieces final : public ByteSource {
 public:
  explicit Pieces(int count) : count_(count) {}
  aio::Task<Result<std::string>> Read(Deadline /*deadline*/) override {
    co_return count_-- > 0 ? std::string(100'000, 'x') : std::string();
  }

 private:
  int count_;
};

aio::Task<Response> Download(Request& request) {
  Response response;
  StreamBody body{.source = std::make_unique<Pieces>(10), .size = std::nullopt};
  if (request.Query("sized")) {
    body.size = 1'000'000;
  }
  response.body = std::move(body);
  co_return response;
}

aio::Task<void> SendTwoEvents(EventSink& sink) {
  std::ignore = co_await sink.Send("note", "one\ntwo", "7");
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(150));
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  std::ignore = co_await sink.Send("", "end", "");
}

aio::Task<Response> Events(Request& /*request*/) {
  Response response;
  response.body = EventStream{.run = SendTwoEvents};
  co_return response;
}

aio::Task<Response> Endless(Request& /*request*/) {
  constexpr int kPieceCount = 1'000'000'000;
  Response response;
  response.body = StreamBody{.source = std::make_unique<Pieces>(kPieceCount), .size = {}};
  co_return response;
}

/// Sends until it fails, and tells.
aio::Task<void> Flood(EventSink& sink, std::atomic<bool>& failed) {  // both outlive the task
  auto sent = co_await sink.Send("", std::string(100'000, 'x'), "");
  while (sent) {
    sent = co_await sink.Send("", std::string(100'000, 'x'), "");
  }
  failed = true;
}

void Eventually(const std::function<bool()>& is_true) {
  constexpr int kTriesMax = 500;
  for (int i = 0; i < kTriesMax; ++i) {
    if (is_true()) {
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  FAIL() << "it did not come true";
}

ServerConfig ConfigForServing() {
  ServerConfig config = LiveServer::QuickConfig();
  config.limits.buffered_bodies_max = 1500;
  config.limits.answer_rate_min = 1e12;  // nobody is that fast: whoever is waited for is cut off
  config.limits.heartbeat_interval = std::chrono::milliseconds(50);
  return config;
}

class ServerTest : public testing::ServerFixture {
 protected:
  ServerTest() : ServerFixture(ConfigForServing()) {
    server_.router.Add(PublicRoute(Method::kGet, "/download", Download));
    server_.router.Add(PublicRoute(Method::kGet, "/events", Events));
    server_.router.Add(PublicRoute(Method::kGet, "/endless", Endless));
    Route flood = PublicRoute(Method::kGet, "/flood", {});
    flood.answer = [this](Request& /*request*/) {
      Response response;
      response.body = EventStream{.run = [this](EventSink& sink) { return Flood(sink, heeded_); }};
      return response;
    };
    server_.router.Add(std::move(flood));
    Route slow = PublicRoute(Method::kGet, "/slow", [this](Request& /*request*/) {
      started_ = true;
      return WaitFor(heeded_);
    });
    slow.time_max = std::chrono::milliseconds(100);
    server_.router.Add(slow);
    slow.pattern = "/patient";
    slow.time_max = std::chrono::minutes(2);
    server_.router.Add(slow);
    server_.Start();
  }
  std::atomic<bool> started_ = false;
  std::atomic<bool> heeded_ = false;
};

TEST_F(ServerTest, AGetIsAnsweredWithTheSecurityHeaders) {
  const RawResponse response = Ask("GET /hello/ada HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"hello":"ada"})");
  EXPECT_EQ(response.Header("Content-Type"), "application/json");
  EXPECT_EQ(response.Header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(response.Header("Cross-Origin-Opener-Policy"), "same-origin");
  EXPECT_THAT(response.Header("Content-Security-Policy"), HasSubstr("frame-ancestors 'none'"));
  EXPECT_FALSE(response.Header("X-Request-Id").empty());
  EXPECT_THAT(response.Header("Date"), HasSubstr(" GMT"));
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrderOnOneConnection) {
  RawClient client(server_.port());
  client.Send(
      "GET /hello/a HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
      "chunked\r\n\r\n1;a=b\r\n[\r\n1\r\n]\r\n0\r\n"
      "Trailer: t\r\n\r\n"
      "GET /hello/b HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().body, R"({"hello":"a"})");
  EXPECT_EQ(client.ReadResponse().body, "{}");
  EXPECT_EQ(client.ReadResponse().body, "[]");
  EXPECT_EQ(client.ReadResponse().body, R"({"hello":"b"})");
}

TEST_F(ServerTest, ARequestMayComeByteByByte) {
  RawClient client(server_.port());
  for (const char c :
       std::string("\r\nPOST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n123")) {
    client.Send({&c, 1});
  }
  EXPECT_EQ(client.ReadResponse().body, "123");
}

TEST_F(ServerTest, EachRequestHasAnIdOfItsOwnThatErrorsRepeat) {
  RawClient client(server_.port());
  client.Send("GET /none HTTP/1.1\r\nHost: x\r\n\r\nGET /none HTTP/1.1\r\nHost: x\r\n\r\n");
  const RawResponse first = client.ReadResponse();
  const RawResponse second = client.ReadResponse();
  EXPECT_EQ(first.status, 404);
  EXPECT_NE(first.Header("X-Request-Id"), second.Header("X-Request-Id"));
  EXPECT_EQ(first.body, R"({"code":"not_found","message":"There is nothing here.","request_id":")" +
                            first.Header("X-Request-Id") + "\"}");
}

TEST_F(ServerTest, HeadIsAnsweredLikeGetWithoutTheBody) {
  RawClient client(server_.port());
  client.Send(
      "HEAD /hello/ada HTTP/1.1\r\nHost: x\r\n\r\nGET /hello/b HTTP/1.1\r\nHost: x\r\n\r\n");
  const RawResponse head = client.ReadResponse(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("Content-Length"), "15");
  EXPECT_EQ(client.ReadResponse().body, R"({"hello":"b"})");
}

TEST_F(ServerTest, ACallerWhoHasToBeLookedUpIsTreatedAsAnyOther) {
  const auto ask = [this](std::string_view method, std::string_view name, std::string_view rest) {
    return Ask(fmt::format("{} /mine HTTP/1.1\r\nHost: x\r\nX-Elsewhere: {}\r\n{}", method, name,
                           rest.empty() ? "\r\n" : rest));
  };
  const RawResponse known = ask("GET", "ada", "");
  EXPECT_EQ(known.status, 200);
  EXPECT_EQ(known.body, "\"ada\"");
  EXPECT_EQ(ask("POST", "ada", "").status, 200);
  EXPECT_EQ(ask("POST", "ada", "Content-Length: 1\r\n\r\nx").status, 400) << "no body is expected";
  const RawResponse unknown = ask("GET", "unknown", "");
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(unknown.Header("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(ask("GET", "down", "").status, 503);
}

TEST_F(ServerTest, AWrongMethodIsToldTheRightOnes) {
  const RawResponse response = Ask("DELETE /mine HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.Header("Allow"), "OPTIONS, GET, HEAD, POST");
  EXPECT_EQ(Ask("OPTIONS /mine HTTP/1.1\r\nHost: x\r\n\r\n").status, 204);
}

TEST_F(ServerTest, HttpOneZeroClosesUnlessAskedToKeepAlive) {
  RawClient client(server_.port());
  client.Send("GET /hello/a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().Header("Connection"), "keep-alive");
  client.Send("GET /hello/b HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().Header("Connection"), "close");
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(ServerTest, ExpectContinueIsAnsweredBeforeTheBodyIsRead) {
  RawClient client(server_.port());
  client.Send(
      "PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().status, 100);
  client.Send("12345");
  EXPECT_EQ(client.ReadResponse().body, "5");
}

TEST_F(ServerTest, ABodyThatIsTooLargeIsRefusedBeforeItIsSent) {
  RawClient client(server_.port());
  client.Send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.ReadResponse().status, 413);
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(ServerTest, UploadsAreStreamedUpToTheirLimit) {
  const std::string fits(1'000'000, 'x');
  EXPECT_EQ(Ask("PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + fits).body,
            "1000000");
  const RawResponse over =
      Ask("PUT /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nF4241\r\n" + fits +
          "x");
  EXPECT_EQ(over.status, 413);
}

TEST_F(ServerTest, DownloadsAreStreamedWithAndWithoutALength) {
  const RawResponse chunked = Ask("GET /download HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(chunked.Header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(chunked.body.size(), 1'000'000U);
  const RawResponse sized = Ask("GET /download?sized=1 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(sized.Header("Content-Length"), "1000000");
  EXPECT_EQ(sized.body.size(), 1'000'000U);
}

TEST_F(ServerTest, EventsComeWithHeartbeatsBetweenThem) {
  const RawResponse response = Ask("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(response.Header("Content-Type"), "text/event-stream");
  EXPECT_THAT(response.body, ::testing::StartsWith("id: 7\nevent: note\ndata: one\ndata: two\n\n"));
  EXPECT_THAT(response.body, HasSubstr(": heartbeat\n\n"));
  EXPECT_THAT(response.body, ::testing::EndsWith("data: end\n\n"));
}

TEST_F(ServerTest, AHandlerThatTakesTooLongIsCancelledAndAnsweredWith504) {
  const RawResponse response = Ask("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(response.status, 504);
  EXPECT_TRUE(heeded_);
}

TEST_F(ServerTest, AHandlerIsCancelledWhenItsClientLeaves) {
  {
    RawClient client(server_.port());
    client.Send("GET /patient HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  Eventually([this] { return heeded_.load(); });
  Counter& refusals = server_.metrics.GetCounter(
      "paddock_http_requests_total", "Answered requests by class of status.", {{"status", "4xx"}});
  Eventually([&refusals] { return refusals.value() == 1; });  // 499: not the server's fault
}

TEST_F(ServerTest, AnEventStreamThatIsNotReadIsEnded) {
  RawClient client(server_.port());
  client.Send("GET /flood HTTP/1.1\r\nHost: x\r\n\r\n");
  Eventually([this] { return heeded_.load(); });
}

TEST_F(ServerTest, AReaderThatIsTooSlowIsEndedAlthoughItReads) {
  RawClient client(server_.port());
  client.Send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
  Eventually([&client] { return client.ReadBytes(100'000).size() < 100'000; });
}

TEST_F(ServerTest, BodiesThatTogetherAreTooLargeAreRefusedForAWhile) {
  const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n";
  const std::string body(1000, 'x');
  RawClient first(server_.port());
  first.Send(head + body.substr(1));
  RawResponse second;
  Eventually([&] {
    second = Ask(head + body);
    return second.status == 503;
  });
  EXPECT_EQ(second.Header("Retry-After"), "2");
  first.Send("x");
  EXPECT_EQ(first.ReadResponse().status, 200);
  EXPECT_EQ(Ask(head + body).status, 200);
}

TEST_F(ServerTest, StoppingLetsARequestInFlightFinishAndEndsIdleConnections) {
  RawClient idle(server_.port());
  idle.Send("GET /hello/a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(idle.ReadResponse().status, 200);
  RawClient busy(server_.port());
  busy.Send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  Eventually([this] { return started_.load(); });
  std::thread stopper([this] { server_.Stop(std::chrono::seconds(5)); });
  EXPECT_TRUE(idle.IsClosed());
  const RawResponse last = busy.ReadResponse();
  EXPECT_EQ(last.status, 504);
  EXPECT_EQ(last.Header("Connection"), "close");
  stopper.join();
}

TEST_F(ServerTest, StoppingCancelsWhatIsNotDoneInTime) {
  RawClient client(server_.port());
  client.Send("GET /patient HTTP/1.1\r\nHost: x\r\n\r\n");
  while (!started_) {
    std::this_thread::yield();
  }
  server_.Stop(std::chrono::milliseconds(50));
  EXPECT_TRUE(heeded_);
}

}  // namespace
}  // namespace paddock::gateway
