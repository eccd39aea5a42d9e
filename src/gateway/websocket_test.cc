// WebSockets over real sockets, with a client that sends exactly the frames it is told to.

#include "gateway/websocket.h"

#include <array>
#include <chrono>
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

constexpr std::string_view kUpgrade =
    "Host: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

aio::Task<void> EchoAll(WebSocket& socket) {
  for (;;) {
    auto message = co_await socket.Receive();
    if (!message) {
      co_return;
    }
    if (message->data == "bye") {
      co_await socket.Close(4007, "told to");
      co_return;
    }
    if (message->data == "all") {
      const std::vector<std::string> texts{"one", "", std::string(300, 't')};
      auto together = co_await socket.SendAll(texts);
      EXPECT_TRUE(together);
    }
    auto sent = co_await socket.Send(message->kind, "echo:", message->data);
    if (!sent) {
      co_return;
    }
  }
}

aio::Task<void> FloodUntilClosed(WebSocket& socket) {
  const std::string payload(60'000, 'x');
  for (;;) {
    auto sent = co_await socket.Send(MessageKind::kBinary, "", payload);
    if (!sent) {
      co_return;
    }
  }
}

aio::Task<Response> Open(Request& request) {
  Response response;
  WebSocketUpgrade upgrade;
  upgrade.message_bytes_max = 70'000;
  upgrade.run = request.Query("flood") ? FloodUntilClosed : EchoAll;
  if (!request.Query("plain")) {
    upgrade.subprotocol = "paddock.test.v1";
  }
  response.body = std::move(upgrade);
  co_return response;
}

std::string Masked(std::uint8_t first, std::string_view payload) {
  constexpr std::array<char, 4> kMask{0x11, 0x22, 0x33, 0x44};
  std::string frame{static_cast<char>(first)};
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80U | payload.size());
  } else if (payload.size() < 65536) {
    frame += static_cast<char>(0xFE);
    frame += static_cast<char>(payload.size() >> 8U);
    frame += static_cast<char>(payload.size() & 0xFFU);
  } else {
    frame += static_cast<char>(0xFF);
    for (int shift = 56; shift >= 0; shift -= 8) {
      frame += static_cast<char>(payload.size() >> static_cast<unsigned>(shift) & 0xFFU);
    }
  }
  frame.append(kMask.data(), kMask.size());
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame += static_cast<char>(payload[i] ^ kMask[i % 4]);
  }
  return frame;
}

ServerConfig ConfigForSockets() {
  ServerConfig config = LiveServer::QuickConfig();
  config.limits.ping_interval = std::chrono::milliseconds(100);
  config.limits.silence_max = std::chrono::milliseconds(500);
  return config;
}

class WebSocketTest : public testing::ServerFixture {
 protected:
  WebSocketTest() : ServerFixture(ConfigForSockets()) {
    Route route;
    route.method = Method::kGet;
    route.pattern = "/socket";
    route.handler = Open;
    route.access = Access::kUser;
    route.websocket = true;
    server_.router.Add(std::move(route));
    server_.Start();
  }
  std::unique_ptr<RawClient> Connect(std::string_view query = "?ticket=good") {
    auto client = std::make_unique<RawClient>(server_.port());
    client->Send("GET /socket" + std::string(query) + " HTTP/1.1\r\n" + std::string(kUpgrade) +
                 "Sec-WebSocket-Protocol: other, paddock.test.v1\r\n\r\n");
    const RawResponse response = client->ReadResponse();
    EXPECT_EQ(response.status, 101);
    EXPECT_EQ(response.Header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    return client;
  }
  /// The next frame but pings: its first byte and its payload.
  static std::pair<int, std::string> ReadFrame(RawClient& client) {
    for (;;) {
      const std::string head = client.ReadBytes(2);
      if (head.size() < 2) {
        return {-1, ""};
      }
      std::size_t length = static_cast<std::uint8_t>(head[1]);
      const std::string more = client.ReadBytes(length == 126 ? 2 : length == 127 ? 8 : 0);
      if (!more.empty()) {
        length = 0;
        for (const char c : more) {
          length = length << 8U | static_cast<std::uint8_t>(c);
        }
      }
      std::string payload = client.ReadBytes(length);
      if (static_cast<std::uint8_t>(head[0]) != 0x89) {
        return {static_cast<std::uint8_t>(head[0]), std::move(payload)};
      }
    }
  }
  /// Sends `bytes` on a new socket; the code that it is closed with.
  int CloseCodeFor(const std::string& bytes) {
    const auto client = Connect();
    client->TrySend(bytes);
    for (;;) {
      auto [first, payload] = ReadFrame(*client);
      if (first == 0x88 && payload.size() >= 2) {
        return static_cast<std::uint8_t>(payload[0]) << 8U | static_cast<std::uint8_t>(payload[1]);
      }
      if (first < 0) {
        return -1;
      }
    }
  }
};

TEST_F(WebSocketTest, TextsThatLeaveTogetherAreMessagesOfTheirOwn) {
  const auto client = Connect();
  client->Send(Masked(0x81, "all"));
  EXPECT_EQ(ReadFrame(*client), std::pair(0x81, std::string("one")));
  EXPECT_EQ(ReadFrame(*client), std::pair(0x81, std::string()));
  EXPECT_EQ(ReadFrame(*client), std::pair(0x81, std::string(300, 't')));
  EXPECT_EQ(ReadFrame(*client), std::pair(0x81, std::string("echo:all")));
}

TEST_F(WebSocketTest, MessagesOfAllLengthsAndFragmentsComeBack) {
  const auto client = Connect();
  for (const std::size_t size : {0U, 1U, 125U, 126U, 65'535U, 65'536U, 70'000U}) {
    const std::string data(size, 'd');
    client->Send(Masked(0x82, data));
    EXPECT_EQ(ReadFrame(*client), std::pair(0x82, "echo:" + data));
  }
  client->Send(Masked(0x01, "a") + Masked(0x89, "ping") + Masked(0x00, "") +
               Masked(0x80, "\xC3\xA9"));
  EXPECT_EQ(ReadFrame(*client), std::pair(0x8A, std::string("ping")));
  EXPECT_EQ(ReadFrame(*client), std::pair(0x81, std::string("echo:a\xC3\xA9")));
}

TEST_F(WebSocketTest, FramesMayComeByteByByte) {
  const auto client = Connect();
  for (const char c : Masked(0x81, std::string(200, 'b'))) {
    client->Send({&c, 1});
  }
  EXPECT_EQ(ReadFrame(*client).second, "echo:" + std::string(200, 'b'));
}

TEST_F(WebSocketTest, BrokenClientsAreClosedWithTheCodeThatSaysWhy) {
  EXPECT_EQ(CloseCodeFor(std::string("\x81\x01"
                                     "a",
                                     3)),
            1002)
      << "unmasked";
  EXPECT_EQ(CloseCodeFor(Masked(0x83, "a")), 1002) << "unknown opcode";
  EXPECT_EQ(CloseCodeFor(Masked(0x8B, "a")), 1002) << "unknown control opcode";
  EXPECT_EQ(CloseCodeFor(Masked(0xC1, "a")), 1002) << "compressed, which was not negotiated";
  EXPECT_EQ(CloseCodeFor(Masked(0x80, "a")), 1002) << "continuation of nothing";
  EXPECT_EQ(CloseCodeFor(Masked(0x01, "a") + Masked(0x81, "b")), 1002) << "message in a message";
  EXPECT_EQ(CloseCodeFor(Masked(0x09, "a")), 1002) << "fragmented ping";
  EXPECT_EQ(CloseCodeFor(Masked(0x89, std::string(126, 'p'))), 1002) << "long ping";
  EXPECT_EQ(CloseCodeFor(std::string("\x82\xFE\x00\x05", 4) + std::string(9, 'm')), 1002)
      << "length not minimal";
  EXPECT_EQ(CloseCodeFor(Masked(0x88, "\x03")), 1002) << "half a close code";
  EXPECT_EQ(CloseCodeFor(Masked(0x88, "\x03\xED")), 1002) << "close code 1005";
  EXPECT_EQ(CloseCodeFor(Masked(0x88, "\x03\xE8\xFF")), 1007) << "close reason is no UTF-8";
  EXPECT_EQ(CloseCodeFor(Masked(0x81, "\xC3")), 1007) << "text is no UTF-8";
  EXPECT_EQ(CloseCodeFor(Masked(0x82, std::string(70'001, 'x'))), 1009);
  EXPECT_EQ(CloseCodeFor(std::string("\x82\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFFmask", 14)), 1009)
      << "a length that would never fit";
  EXPECT_EQ(
      CloseCodeFor(Masked(0x02, std::string(40'000, 'x')) + Masked(0x80, std::string(40'000, 'x'))),
      1009);
}

TEST_F(WebSocketTest, FloodsOfFragmentsAndPingsAreClosedAsAbuse) {
  std::string fragments = Masked(0x02, "");
  std::string pings;
  for (int i = 0; i < 2000; ++i) {
    fragments += Masked(0x00, "");
    pings += Masked(0x89, "p");
  }
  EXPECT_EQ(CloseCodeFor(fragments), 1008);
  EXPECT_EQ(CloseCodeFor(pings), 1008);
}

TEST_F(WebSocketTest, ClosingIsAnsweredWithTheSameCodeAndThenTheConnectionEnds) {
  const auto client = Connect();
  client->Send(Masked(0x88,
                      "\x0F\xA1"
                      "gone"));
  EXPECT_EQ(ReadFrame(*client), std::pair(0x88, std::string("\x0F\xA1")));
  EXPECT_EQ(ReadFrame(*client).first, -1);
}

TEST_F(WebSocketTest, TheServersOwnCloseCarriesItsCodeAndReason) {
  const auto client = Connect();
  client->Send(Masked(0x81, "bye"));
  EXPECT_EQ(ReadFrame(*client), std::pair(0x88, std::string("\x0F\xA7told to")));
  client->Send(Masked(0x88, "\x0F\xA7"));
  EXPECT_EQ(ReadFrame(*client).first, -1);
}

TEST_F(WebSocketTest, ASilentPeerIsPingedAndThenDropped) {
  const auto client = Connect();
  EXPECT_EQ(client->ReadBytes(2), std::string("\x89\x00", 2));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(ReadFrame(*client).first, -1);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST_F(WebSocketTest, APeerThatAnswersPingsStays) {
  const auto client = Connect();
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(1500);
  while (std::chrono::steady_clock::now() < end) {
    ASSERT_EQ(client->ReadBytes(2), std::string("\x89\x00", 2));
    client->Send(Masked(0x8A, ""));
  }
}

TEST_F(WebSocketTest, APeerThatDoesNotReadStopsTheSenderAndCostsNoMemory) {
  const auto client = Connect("?ticket=good&flood=1");
  EXPECT_EQ(ReadFrame(*client).second.size(), 60'000U);
  // It never answers a ping, so it is dropped in the end; until then others are served.
  EXPECT_EQ(Ask("GET /hello/n HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
  while (ReadFrame(*client).first >= 0) {
  }
}

TEST_F(WebSocketTest, AForeignOriginACookieOrAMissingTicketOpensNothing) {
  const auto open = [this](std::string_view target, std::string_view more) {
    return Ask("GET " + std::string(target) + " HTTP/1.1\r\n" + std::string(kUpgrade) +
               "Sec-WebSocket-Protocol: paddock.test.v1\r\n" + std::string(more) + "\r\n")
        .status;
  };
  EXPECT_EQ(open("/socket?ticket=good", "Origin: https://evil.example\r\n"), 403);
  EXPECT_EQ(open("/socket?ticket=good", "Origin: null\r\n"), 403);
  EXPECT_EQ(open("/socket?ticket=good", "Origin: http://localhost\r\n"), 101);
  EXPECT_EQ(open("/socket", "Origin: http://localhost\r\nCookie: session=good\r\n"), 403);
  EXPECT_EQ(open("/socket", ""), 401);
  EXPECT_EQ(open("/socket", "Authorization: Bearer good\r\n"), 101);
}

TEST_F(WebSocketTest, HandshakesThatAreNoneAreRefused) {
  const std::string ticket = "GET /socket?ticket=good HTTP/1.1\r\n";
  const RawResponse plain = Ask(ticket + "Host: x\r\n\r\n");
  EXPECT_EQ(plain.status, 426);
  EXPECT_EQ(plain.Header("Sec-WebSocket-Version"), "13");
  const std::string upgrade = ticket + "Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
  EXPECT_EQ(Ask(upgrade + "Sec-WebSocket-Version: 8\r\n\r\n").status, 426);
  EXPECT_EQ(Ask(upgrade + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n").status,
            400);
  EXPECT_EQ(Ask(ticket + std::string(kUpgrade) + "Sec-WebSocket-Protocol: other\r\n\r\n").status,
            400)
      << "subprotocol not offered";
  EXPECT_EQ(
      Ask("GET /socket?ticket=good&plain=1 HTTP/1.1\r\n" + std::string(kUpgrade) + "\r\n").status,
      101);
}

TEST_F(WebSocketTest, StoppingTheServerSaysGoodbye) {
  const auto client = Connect();
  std::thread stopper([this] { server_.Stop(std::chrono::seconds(5)); });
  EXPECT_EQ(ReadFrame(*client).first, 0x88);
  client->Send(Masked(0x88, "\x03\xE8"));
  EXPECT_EQ(ReadFrame(*client).first, -1);
  stopper.join();
}

TEST_F(WebSocketTest, ThousandsOfMessagesInOnePieceAllComeBack) {
  constexpr int kCount = 5000;
  const auto client = Connect();
  std::string frames;
  for (int i = 0; i < kCount; ++i) {
    frames += Masked(0x82, "x");
  }
  client->Send(frames);
  for (int count = 0; count < kCount;) {
    const auto [head, payload] = ReadFrame(*client);
    if (head != 0x89) {  // on a slow machine a ping comes between
      ASSERT_EQ(head, 0x82);
      ASSERT_EQ(payload, "echo:x");
      ++count;
    }
  }
}

}  // namespace
}  // namespace paddock::gateway
