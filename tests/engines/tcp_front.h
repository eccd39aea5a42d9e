// TcpFront: a TCP port of loopback before a server that has a Unix socket only.
//
// Threading: the test's loop. Ownership: Close before the loop is left for good.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "aio/task_scope.h"

namespace paddock::testing {

class TcpFront {
 public:
  using Local = boost::asio::local::stream_protocol;
  using Tcp = boost::asio::ip::tcp;

  TcpFront(boost::asio::io_context& loop, std::filesystem::path server)
      : server_(std::move(server)),
        acceptor_(loop, Tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
        scope_(loop.get_executor()) {
    scope_.Spawn(Accept());
  }
  TcpFront(const TcpFront&) = delete;
  TcpFront& operator=(const TcpFront&) = delete;
  virtual ~TcpFront() = default;

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

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

 protected:
  static constexpr auto kToken = boost::asio::as_tuple(boost::asio::use_awaitable);

  struct Link {
    explicit Link(Tcp::socket accepted)
        : client(std::move(accepted)), server(client.get_executor()) {}
    void Close() {
      boost::system::error_code ignored;
      client.close(ignored);
      server.close(ignored);
    }
    Tcp::socket client;
    Local::socket server;
  };
  using LinkPtr = std::shared_ptr<Link>;

  /// `client`: the link's, or what stands on it; the link keeps it.
  template <class Client>
  void Pump(const LinkPtr& link, Client& client) {
    scope_.Spawn(Copy(link, client, link->server));
    scope_.Spawn(Copy(link, link->server, client));
  }

 private:
  /// What a connection begins with.
  virtual aio::Task<void> Serve(LinkPtr link) {
    Pump(link, link->client);
    co_return;
  }

  aio::Task<void> Accept() {
    for (;;) {
      auto [failure, client] = co_await acceptor_.async_accept(kToken);
      if (failure) {
        co_return;
      }
      auto link = std::make_shared<Link>(std::move(client));
      links_.push_back(link);
      link->server.connect(Local::endpoint(server_.native()));
      scope_.Spawn(Serve(std::move(link)));
    }
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
  Tcp::acceptor acceptor_;
  std::vector<std::weak_ptr<Link>> links_;
  aio::TaskScope scope_;
};

}  // namespace paddock::testing
