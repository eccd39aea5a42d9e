// What a hostile or broken client may send, over real sockets, and what it must get.

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/testing/server_fixture.h"

namespace paddock::gateway {
namespace {

using testing::LiveServer;
using testing::RawClient;
using testing::RawResponse;

class HostileClientTest : public testing::ServerFixture {
 protected:
  HostileClientTest() { server_.Start(); }
  // Each test ends with a neighbour that must still be served.
  void TearDown() override {
    EXPECT_EQ(Ask("GET /hello/n HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
  }
};

TEST_F(HostileClientTest, RequestsThatCouldBeSmuggledAreRefusedAndTheConnectionCloses) {
  const std::string post = "POST /echo HTTP/1.1\r\nHost: x\r\n";
  const std::string smuggled = "GET /hello/smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::vector<std::string> heads{
      post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
      post + "Content-Length: 0\r\nContent-Length: 5\r\n\r\n",
      post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
      post + "Content-Length: 5, 5\r\n\r\n",
      post + "Content-Length: +5\r\n\r\n",
      post + "Content-Length: -1\r\n\r\n",
      post + "Content-Length: 0x5\r\n\r\n",
      post + "Content-Length:\r\n\r\n",
      post + "Content-Length: 18446744073709551616\r\n\r\n",
      post + "Content-Length : 5\r\n\r\n",
      post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      post +
          "Transfer-Encoding: \x0b"
          "chunked\r\n\r\n0\r\n\r\n",
      post + "X: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      post + "X: y\r\n\tfolded\r\n\r\n",
      post + "X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      post + "X: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      post + std::string("X: a\0b\r\n\r\n", 10),
      "POST /echo HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "GET /hello/a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
      "GET /hello/a HTTP/1.1\r\n\r\n",
      "GET /hello/a HTTP/1.1\r\nHost:\r\n\r\n",
      "GET /hello/a HTTP/1.1\r\nHost: a b\r\n\r\n",
      "GET /hello/a HTTP/1.1\r\nHost: a/b\r\n\r\n",
      "GET  /hello/a HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /hello/a\r\nHost: x\r\n\r\n",
  };
  for (const std::string& head : heads) {
    const int status = StatusOfRefused(head + smuggled);
    EXPECT_TRUE(status == 400 || status == 505) << status << " for " << head;
  }
  EXPECT_EQ(StatusOfRefused(post + "Transfer-Encoding: gzip, chunked\r\n\r\n" + smuggled), 501);
  EXPECT_EQ(StatusOfRefused(post + "Transfer-Encoding: identity\r\n\r\n" + smuggled), 501);
}

TEST_F(HostileClientTest, ChunksThatAreNotExactlyChunksAreRefused) {
  const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::vector<std::string> bodies{"x\r\n",
                                        "\r\n",
                                        "-1\r\n",
                                        "0x1\r\nA\r\n0\r\n\r\n",
                                        "1\nA\r\n0\r\n\r\n",
                                        "1\r\nAB\r\n",
                                        "1\r\nA\n0\r\n\r\n",
                                        "FFFFFFFFF\r\n",
                                        "10000000000000001\r\nA\r\n0\r\n\r\n",
                                        "1 \r\nA\r\n0\r\n\r\n",
                                        " 1\r\nA\r\n0\r\n\r\n",
                                        "0\r\n\n",
                                        "0;" + std::string(9000, 'e') + "\r\n\r\n",
                                        "0\r\n" + std::string(9000, 't') + ": x\r\n\r\n"};
  for (const std::string& body : bodies) {
    EXPECT_EQ(StatusOfRefused(head + body), 400) << body;
  }
}

TEST_F(HostileClientTest, OtherMethodsVersionsAndExpectationsAreRefused) {
  EXPECT_EQ(StatusOfRefused("TRACE /hello/a HTTP/1.1\r\nHost: x\r\n\r\n"), 501);
  EXPECT_EQ(StatusOfRefused("CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n"), 501);
  EXPECT_EQ(StatusOfRefused("GET /hello/a HTTP/2.0\r\nHost: x\r\n\r\n"), 505);
  EXPECT_EQ(StatusOfRefused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
  EXPECT_EQ(StatusOfRefused("GET /hello/a HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n"), 417);
  EXPECT_EQ(StatusOfRefused("\x16\x03\x01\x02\r\n\r\n\r\n"), 400);
}

TEST_F(HostileClientTest, UnclearPathsAreRefusedAndDecodedOnlyOnce) {
  const auto status = [this](const std::string& target) {
    return Ask("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n").status;
  };
  for (const char* target : {"/hello/..",        "/hello/%2e%2e",  "/hello/.%2E",
                             "/../etc/passwd",   "/hello/./a",     "//hello/a",
                             "/hello/%00",       "/hello/%0a",     "/hello/%2f",
                             "/hello/%5c..",     "/hello/%",       "/hello/%4",
                             "/hello/%zz",       "/hello/%ff",     "/hello/%c0%af",
                             "/hello/%ed%a0%80", "/hello/a?x=%ff", "/hello/a?x=1&x=2",
                             "http://x/hello/a", "hello",          "*"}) {
    EXPECT_EQ(status(target), 400) << target;
  }
  EXPECT_EQ(Ask("GET /hello/%252e%252e HTTP/1.1\r\nHost: x\r\n\r\n").body, R"({"hello":"%2e%2e"})");
  EXPECT_EQ(Ask("GET /hello/%C3%A9 HTTP/1.1\r\nHost: x\r\n\r\n").body, "{\"hello\":\"\xC3\xA9\"}");
}

TEST_F(HostileClientTest, ALongHeadOrManyHeadersAreRefused) {
  const std::string start = "GET /hello/a HTTP/1.1\r\nHost: x\r\n";
  EXPECT_EQ(StatusOfRefused(start + "X: " + std::string(17'000, 'a') + "\r\n\r\n"), 431);
  constexpr std::size_t kEndless = 20'000'000;
  std::string endless = start;
  endless.append(kEndless, 'a');
  EXPECT_EQ(StatusOfRefused(endless), 431);
  std::string many = start;
  for (int i = 0; i < 100; ++i) {
    many += "X: y\r\n";
  }
  EXPECT_EQ(StatusOfRefused(many + "\r\n"), 431);
}

TEST_F(HostileClientTest, AHeadThatTricklesInIsEndedInTime) {
  RawClient client(server_.port());
  const auto start = std::chrono::steady_clock::now();
  client.Send("GET /hello/a HTTP/1.1\r\nHost: x\r\n");
  while (client.TrySend("X: y\r\n")) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ASSERT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  }
  RawClient silent(server_.port());
  silent.Send("GET /hello/a HT");
  EXPECT_EQ(silent.ReadResponse().status, 408);
  EXPECT_TRUE(silent.IsClosed());
}

TEST_F(HostileClientTest, ABodyThatStallsIsEndedInTime) {
  RawClient client(server_.port());
  client.Send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123");
  EXPECT_EQ(client.ReadResponse().status, 408);
  RawClient upload(server_.port());
  upload.Send("PUT /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123");
  EXPECT_EQ(upload.ReadResponse().status, 408);
}

TEST_F(HostileClientTest, AConnectionThatSaysNothingIsEnded) {
  RawClient silent(server_.port());
  EXPECT_TRUE(silent.IsClosed());
  RawClient idle(server_.port());
  idle.Send("GET /hello/a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(idle.ReadResponse().status, 200);
  EXPECT_TRUE(idle.IsClosed());
}

TEST_F(HostileClientTest, ABodyWhereNoneIsExpectedIsRefused) {
  EXPECT_EQ(Ask("GET /hello/a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc").status, 400);
}

TEST_F(HostileClientTest, ForeignPagesMayNotActOrOpenSockets) {
  const std::string act = "POST /mine HTTP/1.1\r\nHost: localhost:3006\r\nContent-Length: 0\r\n";
  const std::string bearer = "Authorization: Bearer good\r\n";
  const std::string cookie = "Cookie: a=b; session=good\r\n";
  for (const char* origin :
       {"https://evil.example", "null", "http://localhost", "https://localhost:3006",
        "http://localhost:3006.evil.example", "http://xlocalhost:3006", "http://localhost:3006/",
        "http://LOCALHOST:3006", ""}) {
    const std::string header = std::string("Origin: ") + origin + "\r\n\r\n";
    for (const std::string& credential : {cookie, bearer}) {
      std::string request = act;
      request.append(credential).append(header);
      EXPECT_EQ(Ask(request).status, 403) << origin;
    }
  }
  EXPECT_EQ(Ask(act + cookie + "Origin: http://localhost:3006\r\n\r\n").status, 200);
  EXPECT_EQ(Ask(act + cookie + "\r\n").status, 403);
  EXPECT_EQ(Ask(act + bearer + "\r\n").status, 200);
  EXPECT_EQ(Ask(act + "\r\n").status, 401);
  EXPECT_EQ(Ask(act + "Authorization: Bearer bad\r\n\r\n").status, 401);
}

TEST_F(HostileClientTest, ANameThatSomebodyPointsAtLoopbackIsNotOurs) {
  const auto status = [this](const std::string& host) {
    return Ask("POST /mine HTTP/1.1\r\nHost: " + host + "\r\nOrigin: http://" + host +
               "\r\nAuthorization: Bearer good\r\n\r\n")
        .status;
  };
  EXPECT_EQ(status("rebound.evil.example:3006"), 403);
  EXPECT_EQ(status("127.0.0.1.evil.example"), 403);
  EXPECT_EQ(status("localhost.evil.example"), 403);
  for (const char* host : {"127.0.0.1:3006", "localhost", "[::1]:3006", "a.localhost:3006"}) {
    EXPECT_EQ(status(host), 200) << host;
  }
}

TEST_F(HostileClientTest, AClientThatIsAlwaysReadyDoesNotKeepTheOthersWaiting) {
  std::atomic<bool> stop = false;
  std::thread flood([this, &stop] {
    RawClient client(server_.port());
    std::string requests;
    for (int i = 0; i < 2000; ++i) {
      requests += "GET /hello/a HTTP/1.1\r\nHost: x\r\n\r\n";
    }
    while (!stop && client.TrySend(requests)) {
      for (int i = 0; i < 2000; ++i) {
        client.ReadResponse();
      }
    }
  });
  for (int i = 0; i < 20; ++i) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(Ask("GET /hello/n HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
  }
  stop = true;
  flood.join();
}

TEST_F(HostileClientTest, ForwardedHeadersOfStrangersAreIgnored) {
  EXPECT_EQ(Ask("GET /who HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 9.9.9.9\r\n"
                "X-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\n\r\n")
                .body,
            "127.0.0.1 http://x");
}

ServerConfig ConfigWithFewConnections() {
  ServerConfig config = LiveServer::QuickConfig();
  config.limits.connections_max = 8;
  config.limits.connections_per_address_max = 4;
  config.limits.idle_time_max = std::chrono::seconds(20);
  config.limits.head_time_max = std::chrono::seconds(20);
  return config;
}

ServerConfig ConfigBehindProxy() {
  ServerConfig config = ConfigWithFewConnections();
  config.trusted_proxies = {"127.0.0.0/8"};
  return config;
}

class ConnectionLimitTest : public testing::ServerFixture {
 protected:
  ConnectionLimitTest() : ServerFixture(ConfigWithFewConnections()) { server_.Start(); }
};

TEST_F(ConnectionLimitTest, OneAddressGetsOnlySoManyConnectionsAndIsTold) {
  const std::string hello = "GET /hello/a HTTP/1.1\r\nHost: x\r\n\r\n";
  std::vector<std::unique_ptr<RawClient>> kept;
  for (int i = 0; i < 4; ++i) {
    kept.push_back(std::make_unique<RawClient>(server_.port()));
    kept.back()->Send(hello);
    EXPECT_EQ(kept.back()->ReadResponse().status, 200);
  }
  const RawResponse refused = Ask(hello);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("Retry-After"), "2");
  EXPECT_EQ(refused.Header("Connection"), "close");
  kept.front()->ShutdownWrite();
  EXPECT_TRUE(kept.front()->IsClosed());
  int status = 429;
  for (int i = 0; i < 100 && status != 200; ++i) {
    status = Ask(hello).status;
  }
  EXPECT_EQ(status, 200);
}

class ProxyTest : public testing::ServerFixture {
 protected:
  ProxyTest() : ServerFixture(ConfigBehindProxy()) { server_.Start(); }
};

TEST_F(ProxyTest, ATrustedProxyIsNotHeldToTheConnectionsOfOneAddress) {
  std::vector<std::unique_ptr<RawClient>> kept;
  for (int i = 0; i < 6; ++i) {
    kept.push_back(std::make_unique<RawClient>(server_.port()));
    kept.back()->Send("GET /hello/a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(kept.back()->ReadResponse().status, 200);
  }
}

TEST_F(ProxyTest, TheLastAddressThatIsNotTrustedCountsOnWhicheverLineItStands) {
  const auto remote = [this](std::string_view lines) {
    const std::string head = "GET /who HTTP/1.1\r\nHost: x\r\n";
    return Ask(head + std::string(lines) + "\r\n").body;
  };
  EXPECT_EQ(remote("X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 9.9.9.9\r\n"), "9.9.9.9 http://x");
  EXPECT_EQ(remote("X-Forwarded-For: 1.1.1.1, 9.9.9.9\r\nX-Forwarded-For: 127.0.0.7\r\n"),
            "9.9.9.9 http://x");
  EXPECT_EQ(remote("X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: nonsense\r\n"),
            "127.0.0.1 http://x");
}

TEST_F(ProxyTest, ATrustedProxySpeaksForItsClients) {
  EXPECT_EQ(Ask("GET /who HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.1.1.1, 9.9.9.9, 127.0.0.7\r\n"
                "X-Forwarded-Proto: https\r\nX-Forwarded-Host: Paddock.example:443\r\n\r\n")
                .body,
            "9.9.9.9 https://paddock.example");
}

}  // namespace
}  // namespace paddock::gateway
