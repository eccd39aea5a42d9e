// PostgresFront: a TCP port of loopback before a PostgreSQL that has a Unix socket only; with a
// certificate it speaks TLS, which PostgreSQL does on TCP alone.
//
// Threading: the test's loop. Ownership: Close before the loop is left for good.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "aio/task_scope.h"

namespace paddock::testing {

class PostgresFront {
 public:
  using Local = boost::asio::local::stream_protocol;
  using Tcp = boost::asio::ip::tcp;

  /// `pem` holds the certificate and its key; nothing: it knows no TLS.
  PostgresFront(boost::asio::io_context& loop,
                std::filesystem::path server,
                const std::optional<std::filesystem::path>& pem)
      : server_(std::move(server)),
        has_tls_(pem.has_value()),
        context_(boost::asio::ssl::context::tls_server),
        acceptor_(loop, Tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
        scope_(loop.get_executor()) {
    if (pem) {
      context_.use_certificate_chain_file(pem->native());
      context_.use_private_key_file(pem->native(), boost::asio::ssl::context::pem);
    }
    scope_.Spawn(Accept());
  }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  [[nodiscard]] int secured_count() const { return secured_count_; }

  aio::Task<bool> Close() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    for (const auto& link : links_) {
      if (auto open = link.lock()) {
        open->Close();
      }
    }
    scope_.Cancel();
    co_await scope_.Join();
    co_return true;
  }

 private:
  static constexpr auto kToken = boost::asio::as_tuple(boost::asio::use_awaitable);
  static constexpr std::size_t kRequestSize = 8;

  struct Link {
    Link(Tcp::socket accepted, boost::asio::ssl::context& context)
        : client(std::move(accepted), context), server(client.get_executor()) {}
    void Close() {
      boost::system::error_code ignored;
      client.next_layer().close(ignored);
      server.close(ignored);
    }
    boost::asio::ssl::stream<Tcp::socket> client;
    Local::socket server;
  };
  using LinkPtr = std::shared_ptr<Link>;

  aio::Task<void> Accept() {
    for (;;) {
      auto [failure, client] = co_await acceptor_.async_accept(kToken);
      if (failure) {
        co_return;
      }
      auto link = std::make_shared<Link>(std::move(client), context_);
      links_.push_back(link);
      scope_.Spawn(Serve(std::move(link)));
    }
  }

  aio::Task<void> Serve(LinkPtr link) {
    link->server.connect(Local::endpoint(server_.native()));
    std::array<char, kRequestSize> first{};
    auto [failure, count] = co_await boost::asio::async_read(link->client.next_layer(),
                                                             boost::asio::buffer(first), kToken);
    if (failure) {
      co_return;
    }
    if (first[4] != 4 || first[5] != '\xd2') {
      co_await WriteTo(link, std::string(first.data(), count));
      Pump(link, link->client.next_layer());
      co_return;
    }
    const char answer = has_tls_ ? 'S' : 'N';
    boost::asio::write(link->client.next_layer(), boost::asio::buffer(&answer, 1));
    if (!has_tls_) {
      Pump(link, link->client.next_layer());
      co_return;
    }
    auto [refused] =
        co_await link->client.async_handshake(boost::asio::ssl::stream_base::server, kToken);
    if (!refused) {
      ++secured_count_;
      Pump(link, link->client);
    }
  }

  aio::Task<void> WriteTo(LinkPtr link, std::string bytes) {
    [[maybe_unused]] auto written =
        co_await boost::asio::async_write(link->server, boost::asio::buffer(bytes), kToken);
  }

  template <class Client>
  void Pump(const LinkPtr& link, Client& client) {
    scope_.Spawn(Copy(link, client, link->server));
    scope_.Spawn(Copy(link, link->server, client));
  }

  template <class From, class To>
  aio::Task<void> Copy(LinkPtr link, From& from, To& to) {  // parts of `link`
    std::vector<char> buffer(4096);
    for (;;) {
      auto [failure, count] = co_await from.async_read_some(boost::asio::buffer(buffer), kToken);
      if (failure) {
        break;
      }
      auto [lost, written] =
          co_await boost::asio::async_write(to, boost::asio::buffer(buffer.data(), count), kToken);
      if (lost) {
        break;
      }
    }
    link->Close();
  }

  std::filesystem::path server_;
  bool has_tls_;
  boost::asio::ssl::context context_;
  Tcp::acceptor acceptor_;
  std::vector<std::weak_ptr<Link>> links_;
  int secured_count_ = 0;
  aio::TaskScope scope_;
};

}  // namespace paddock::testing
