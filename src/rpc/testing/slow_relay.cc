#include "rpc/testing/slow_relay.h"

#include <array>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace paddock::rpc::testing {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::size_t kPiece = 65'536;
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

}  // namespace

SlowRelay::SlowRelay(asio::io_context& loop, int port, std::chrono::milliseconds delay)
    : loop_(loop),
      target_(asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)),
      delay_(delay),
      acceptor_(loop, {asio::ip::address_v4::loopback(), 0}),
      scope_(loop.get_executor()) {
  scope_.Spawn(Accept());
}

std::string SlowRelay::address() const {
  return "localhost:" + std::to_string(acceptor_.local_endpoint().port());
}

aio::Task<bool> SlowRelay::Stop() {
  scope_.Cancel();
  co_await scope_.Join();
  co_return true;
}

aio::Task<void> SlowRelay::Accept() {
  for (;;) {
    auto near = std::make_shared<Socket>(loop_);
    const auto [refused] = co_await acceptor_.async_accept(*near, kAsTuple);
    if (refused) {
      co_return;
    }
    auto far = std::make_shared<Socket>(loop_);
    const auto [failed] = co_await far->async_connect(target_, kAsTuple);
    if (!failed) {
      scope_.Spawn(Pump(near, far));
      scope_.Spawn(Pump(far, near));
    }
  }
}

aio::Task<void> SlowRelay::Pump(std::shared_ptr<Socket> from, std::shared_ptr<Socket> to) {
  std::array<char, kPiece> piece{};
  asio::steady_timer timer(loop_);
  for (;;) {
    const auto [ended, count] = co_await from->async_read_some(asio::buffer(piece), kAsTuple);
    timer.expires_after(delay_);
    const auto [stopped] = co_await timer.async_wait(kAsTuple);
    if (ended || stopped) {
      break;
    }
    const auto part = asio::buffer(piece.data(), count);
    const auto [failed, written] = co_await asio::async_write(*to, part, kAsTuple);
    if (failed) {
      break;
    }
  }
  boost::system::error_code ignored;
  to->close(ignored);
}

}  // namespace paddock::rpc::testing
