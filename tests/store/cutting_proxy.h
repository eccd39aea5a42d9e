// CuttingProxy: stands between libpq and PostgreSQL, and cuts a connection after its n-th message.
//
// Counts messages of the protocol in both directions, of all connections, from Arm on. Threading:
// the test's loop. Ownership: Close before the loop is left for good.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "aio/task_scope.h"
#include "images/testing/temp_directory.h"

namespace paddock::testing {

class CuttingProxy {
 public:
  using Local = boost::asio::local::stream_protocol;

  CuttingProxy(boost::asio::io_context& loop, const std::filesystem::path& server_directory)
      : server_(server_directory / kSocketName),
        acceptor_(loop, Local::endpoint(directory_.path() / kSocketName)),
        scope_(loop.get_executor()) {
    scope_.Spawn(Accept());
  }

  [[nodiscard]] const std::filesystem::path& socket_directory() const { return directory_.path(); }

  /// The n-th message from now on is the last of its connection, n = 1, 2, …; and is only sent in
  /// part.
  void Arm(int n) {
    messages_left_ = n;
    has_cut_ = false;
  }
  void Disarm() { messages_left_ = 0; }
  [[nodiscard]] bool has_cut() const { return has_cut_; }

  aio::Task<bool> Close() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    scope_.Cancel();
    co_await scope_.Join();
    co_return true;
  }

 private:
  static constexpr const char* kSocketName = ".s.PGSQL.5432";
  static constexpr auto kToken = boost::asio::as_tuple(boost::asio::use_awaitable);

  struct Link {
    Local::socket client;
    Local::socket server;
    void Cut() {
      boost::system::error_code ignored;
      client.close(ignored);
      server.close(ignored);
    }
  };

  /// Where the messages of one direction end. Those of a client's start have no type before them.
  class Framing {
   public:
    explicit Framing(bool from_client) : needed_(from_client ? 4 : 5) {}
    /// Of `bytes`, how many belong to the message that they begin with or go on with; and whether
    /// it ends there.
    std::pair<std::size_t, bool> Next(const char* bytes, std::size_t size) {
      std::size_t used = 0;
      while (used < size) {
        if (!in_body_) {
          header_ += bytes[used++];
          if (header_.size() == needed_) {
            left_ = LengthOf(header_) - 4;
            in_body_ = true;
          }
        } else {
          const std::size_t step = std::min(left_, size - used);
          used += step;
          left_ -= step;
        }
        if (in_body_ && left_ == 0) {
          in_body_ = false;
          header_.clear();
          needed_ = 5;
          return {used, true};
        }
      }
      return {used, false};
    }

   private:
    static std::size_t LengthOf(const std::string& header) {
      std::size_t length = 0;
      for (std::size_t i = header.size() - 4; i < header.size(); ++i) {
        length = length << 8U | static_cast<std::uint8_t>(header[i]);
      }
      return length;
    }
    std::size_t needed_;
    std::string header_;
    std::size_t left_ = 0;
    bool in_body_ = false;
  };

  aio::Task<void> Accept() {
    for (;;) {
      auto [failure, client] = co_await acceptor_.async_accept(kToken);
      if (failure) {
        co_return;
      }
      auto link = std::make_shared<Link>(
          Link{.client = std::move(client), .server = Local::socket(acceptor_.get_executor())});
      boost::system::error_code refused;
      link->server.connect(Local::endpoint(server_), refused);
      if (refused) {
        continue;
      }
      scope_.Spawn(Forward(link, true));
      scope_.Spawn(Forward(link, false));
    }
  }

  aio::Task<void> Forward(std::shared_ptr<Link> link, bool from_client) {
    auto& from = from_client ? link->client : link->server;
    auto& to = from_client ? link->server : link->client;
    Framing framing(from_client);
    std::array<char, 16'384> buffer{};
    for (;;) {
      auto [failure, size] = co_await from.async_read_some(boost::asio::buffer(buffer), kToken);
      if (failure) {
        break;
      }
      const std::size_t allowed = Allowed(framing, buffer.data(), size);
      const auto part = boost::asio::buffer(buffer.data(), allowed);
      auto [lost, count] = co_await boost::asio::async_write(to, part, kToken);
      if (lost || allowed < size) {
        break;
      }
    }
    link->Cut();
  }

  // How much of `bytes` goes on: up to the middle of the message that is one too many.
  std::size_t Allowed(Framing& framing, const char* bytes, std::size_t size) {
    std::size_t used = 0;
    while (used < size) {
      const auto [length, is_end] = framing.Next(bytes + used, size - used);
      if (is_end && messages_left_ > 0) {
        --messages_left_;
        if (messages_left_ == 0) {
          has_cut_ = true;
          return used + length / 2;
        }
      }
      used += length;
    }
    return size;
  }

  images::TempDirectory directory_;
  std::filesystem::path server_;
  Local::acceptor acceptor_;
  int messages_left_ = 0;
  bool has_cut_ = false;
  aio::TaskScope scope_;
};

}  // namespace paddock::testing
