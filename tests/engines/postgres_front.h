// PostgresFront: a TcpFront that speaks TLS as PostgreSQL does, which does so on TCP alone.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <utility>

#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "tcp_front.h"

namespace paddock::testing {

class PostgresFront final : public TcpFront {
 public:
  /// With certificate.pem and certificate.key of `certificates`.
  PostgresFront(boost::asio::io_context& loop,
                std::filesystem::path server,
                const std::filesystem::path& certificates)
      : TcpFront(loop, std::move(server)), context_(boost::asio::ssl::context::tls_server) {
    context_.use_certificate_chain_file(certificates / "certificate.pem");
    context_.use_private_key_file(certificates / "certificate.key", boost::asio::ssl::context::pem);
  }

  [[nodiscard]] int secured_count() const { return secured_count_; }

 private:
  struct Secured {
    Secured(LinkPtr beneath, boost::asio::ssl::context& context)
        : link(std::move(beneath)), client(link->client, context) {}
    LinkPtr link;
    boost::asio::ssl::stream<Tcp::socket&> client;
  };

  aio::Task<void> Serve(LinkPtr link) override {
    std::array<char, 8> request{};
    auto [failure, count] =
        co_await boost::asio::async_read(link->client, boost::asio::buffer(request), kToken);
    if (failure || request[4] != 4 || request[5] != '\xd2') {
      co_return;  // it did not ask for TLS
    }
    boost::asio::write(link->client, boost::asio::buffer("S", 1));
    auto secured = std::make_shared<Secured>(std::move(link), context_);
    auto [refused] =
        co_await secured->client.async_handshake(boost::asio::ssl::stream_base::server, kToken);
    if (!refused) {
      ++secured_count_;
      Pump(LinkPtr(secured, secured->link.get()), secured->client);
    }
  }

  boost::asio::ssl::context context_;
  int secured_count_ = 0;
};

}  // namespace paddock::testing
