#include "gateway/event_sink.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace paddock::gateway {
namespace asio = boost::asio;

namespace {

constexpr std::string_view kHeartbeat = ": heartbeat\n\n";

/// A field's value ends with the line, so line ends are taken out of names and split data.
std::string OneLine(std::string text) {
  std::ranges::replace_if(text, [](char c) { return c == '\n' || c == '\r' || c == '\0'; }, ' ');
  return text;
}

std::string EventText(std::string event, std::string_view data, std::string id) {
  std::string text;
  if (!id.empty()) {
    text += fmt::format("id: {}\n", OneLine(std::move(id)));
  }
  if (!event.empty()) {
    text += fmt::format("event: {}\n", OneLine(std::move(event)));
  }
  for (;;) {
    const auto end = std::min(data.find_first_of("\r\n"), data.size());
    text += fmt::format("data: {}\n", data.substr(0, end));
    if (end == data.size()) {
      break;
    }
    data.remove_prefix(end + (data.substr(end).starts_with("\r\n") ? 2U : 1U));
  }
  text += '\n';
  return text;
}

}  // namespace

HttpEventSink::HttpEventSink(ServerContext& context,
                             Transport& transport,
                             aio::TaskScope& scope,
                             bool chunked)
    : context_(context),
      transport_(transport),
      scope_(scope),
      chunked_(chunked),
      free_(context.executor, asio::steady_timer::time_point::max()),
      sent_at_(context.now) {}

aio::Task<Result<void>> HttpEventSink::SendText(std::string text) {
  while (sending_) {
    co_await free_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  if (broken_ || finished_) {
    co_return Fail(Code::kCancelled, "the client went away");
  }
  sending_ = true;
  const std::string size = chunked_ ? fmt::format("{:x}\r\n", text.size()) : std::string();
  std::array<iovec, 3> pieces{Piece(size), Piece(text), Piece(chunked_ ? "\r\n" : "")};
  auto sent = co_await transport_.Write(pieces);
  broken_ = broken_ || !sent;
  sending_ = false;
  sent_at_ = context_.now;
  free_.cancel();
  co_return sent;
}

aio::Task<Result<void>> HttpEventSink::Send(std::string event, std::string data, std::string id) {
  auto sent = co_await SendText(EventText(std::move(event), data, std::move(id)));
  co_return sent;
}

aio::Task<void> HttpEventSink::SendHeartbeat() {
  // What goes wrong shows in the next Send, or when the sweeper asks whether the peer is there.
  std::ignore = co_await SendText(std::string(kHeartbeat));
}

void HttpEventSink::Sweep() {
  const bool is_due = context_.now - sent_at_ > context_.config.limits.heartbeat_interval;
  if (is_due && !sending_ && !broken_) {
    sent_at_ = context_.now;
    scope_.Spawn(SendHeartbeat());
  }
}

aio::Task<void> HttpEventSink::Finish() {
  while (sending_) {
    co_await free_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  finished_ = true;
}

}  // namespace paddock::gateway
