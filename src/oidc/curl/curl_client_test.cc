#include "oidc/curl/curl_client.h"

#include <array>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aio/task_scope.h"
#include "aio/testing/run_on.h"

namespace paddock::oidc {
namespace {

namespace asio = boost::asio;
using ::testing::HasSubstr;
using ::testing::Not;

/// Takes one connection, reads what comes until a request is whole, and answers `bytes`; then waits
/// for the client to hang up.
class OneAnswer {
 public:
  explicit OneAnswer(std::string bytes)
      : acceptor_(loop_, {asio::ip::address_v4::loopback(), 0}),
        thread_([this, answer = std::move(bytes)] { Serve(answer); }) {}
  ~OneAnswer() { thread_.join(); }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;

  [[nodiscard]] std::string Url() const {
    return fmt::format("http://127.0.0.1:{}/path?a=b", acceptor_.local_endpoint().port());
  }
  /// What was read; after the client has its answer.
  [[nodiscard]] std::string request() {
    thread_.join();
    thread_ = std::thread([] {});
    return request_;
  }

 private:
  void Serve(const std::string& answer) {
    asio::ip::tcp::socket socket = acceptor_.accept();
    std::array<char, 4096> buffer{};
    boost::system::error_code failure;
    while (!IsWhole()) {
      const std::size_t count = socket.read_some(asio::buffer(buffer), failure);
      if (failure) {
        return;
      }
      request_.append(buffer.data(), count);
    }
    asio::write(socket, asio::buffer(answer), failure);
    socket.shutdown(asio::ip::tcp::socket::shutdown_send, failure);
    while (!failure) {
      socket.read_some(asio::buffer(buffer), failure);
    }
  }
  [[nodiscard]] bool IsWhole() const {
    const std::size_t end = request_.find("\r\n\r\n");
    return end != std::string::npos && (request_.starts_with("GET") || request_.size() > end + 4);
  }

  asio::io_context loop_;
  asio::ip::tcp::acceptor acceptor_;
  std::string request_;
  std::thread thread_;
};

class CurlClientTest : public ::testing::Test {
 protected:
  Result<HttpResponse> Send(HttpRequest request) {
    return aio::testing::RunOn(
        loop_, client_.Send(std::move(request), Deadline::After(std::chrono::seconds(20))));
  }
  Result<HttpResponse> Get(const std::string& url) {
    return Send({.url = url, .form = {}, .authorization = {}});
  }

  asio::io_context loop_;
  CurlClient client_{""};
};

TEST_F(CurlClientTest, AnAnswerIsGivenWholeWithItsStatus) {
  OneAnswer server("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nbody");
  const auto response = Get(server.Url());
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->body, "body");
  const std::string request = server.request();
  EXPECT_TRUE(request.starts_with("GET /path?a=b HTTP/1.1\r\n"));
  EXPECT_THAT(request, Not(HasSubstr("Authorization")));
}

TEST_F(CurlClientTest, AFormIsPostedWithItsAuthorization) {
  OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
  ASSERT_TRUE(Send({.url = server.Url(), .form = "a=1&b=2", .authorization = "Basic eA=="}));
  const std::string request = server.request();
  EXPECT_TRUE(request.starts_with("POST /path?a=b HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nAuthorization: Basic eA==\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
  EXPECT_TRUE(request.ends_with("\r\n\r\na=1&b=2"));
}

TEST_F(CurlClientTest, ARedirectIsNotFollowed) {
  OneAnswer target("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
  OneAnswer server(
      fmt::format("HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", target.Url()));
  const auto response = Get(server.Url());
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 302);
  ASSERT_TRUE(Get(target.Url())) << "nobody was there before";
}

TEST_F(CurlClientTest, AnAnswerThatIsTooLongIsCutOff) {
  OneAnswer fits("HTTP/1.1 200 OK\r\n\r\n" + std::string(kResponseBytesMax, 'x'));
  const auto response = Get(fits.Url());
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body.size(), kResponseBytesMax);
  OneAnswer server("HTTP/1.1 200 OK\r\n\r\n" + std::string(kResponseBytesMax + 1, 'x'));
  EXPECT_EQ(Get(server.Url()).error().code, Code::kUnavailable);
}

TEST_F(CurlClientTest, WhatIsNoHttpIsUnavailable) {
  OneAnswer server("SSH-2.0-OpenSSH_9.2\r\n");
  EXPECT_EQ(Get(server.Url()).error().code, Code::kUnavailable);
}

TEST_F(CurlClientTest, NobodyListeningIsUnavailable) {
  asio::ip::tcp::acceptor bound(loop_);
  bound.open(asio::ip::tcp::v4());
  bound.bind({asio::ip::address_v4::loopback(), 0});
  const auto url = fmt::format("http://127.0.0.1:{}/", bound.local_endpoint().port());
  EXPECT_EQ(Get(url).error().code, Code::kUnavailable);
}

TEST_F(CurlClientTest, AnAddressThatIsNotSecureIsNeverAsked) {
  for (const char* url : {"http://example.com/", "file:///etc/passwd", "ftp://127.0.0.1/", ""}) {
    EXPECT_EQ(Get(url).error().code, Code::kInvalid) << url;
  }
}

TEST_F(CurlClientTest, ADeadlineThatHasPassedAsksNobody) {
  HttpRequest request{.url = "http://127.0.0.1:1/", .form = {}, .authorization = {}};
  const auto response =
      aio::testing::RunOn(loop_, client_.Send(request, Deadline::After(std::chrono::seconds(-1))));
  EXPECT_EQ(response.error().code, Code::kDeadlineExceeded);
}

TEST_F(CurlClientTest, AServerThatSaysNothingIsLeftAtTheDeadline) {
  asio::ip::tcp::acceptor silent(loop_, {asio::ip::address_v4::loopback(), 0});
  HttpRequest request{.url = fmt::format("http://127.0.0.1:{}/", silent.local_endpoint().port()),
                      .form = "secret=s3cret",
                      .authorization = "Basic s3cret"};
  const auto response = aio::testing::RunOn(
      loop_, client_.Send(request, Deadline::After(std::chrono::milliseconds(100))));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::kDeadlineExceeded);
  EXPECT_THAT(response.error().message, Not(HasSubstr("s3cret")));
}

/// `connection` stays open, so that nothing but Stop ends the call.
aio::Task<bool> StopWhenItIsThere(asio::ip::tcp::acceptor& acceptor,
                                  asio::ip::tcp::socket& connection,
                                  CurlClient& client) {
  connection = co_await acceptor.async_accept(asio::use_awaitable);
  client.Stop();
  co_return connection.is_open();
}

aio::Task<void> Keep(aio::Task<Result<HttpResponse>> call, std::optional<Code>& code) {
  auto response = co_await std::move(call);
  code = response ? Code::kInternal : response.error().code;
}

TEST_F(CurlClientTest, StopEndsTheCallsThatAreWaiting) {
  asio::ip::tcp::acceptor silent(loop_, {asio::ip::address_v4::loopback(), 0});
  HttpRequest request{.url = fmt::format("http://127.0.0.1:{}/", silent.local_endpoint().port()),
                      .form = {},
                      .authorization = {}};
  std::optional<Code> code;
  aio::TaskScope scope(loop_.get_executor());
  scope.Spawn(Keep(client_.Send(request, Deadline::Never()), code));
  asio::ip::tcp::socket connection(loop_);
  EXPECT_TRUE(aio::testing::RunOn(loop_, StopWhenItIsThere(silent, connection, client_)));
  EXPECT_EQ(code, Code::kCancelled);
  EXPECT_EQ(Send(request).error().code, Code::kCancelled);
}

}  // namespace
}  // namespace paddock::oidc
