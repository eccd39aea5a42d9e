#include "gateway/connection.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "gateway/dispatcher.h"
#include "gateway/websocket_handshake.h"

namespace paddock::gateway {
namespace {

constexpr std::chrono::seconds kRefusedHeadTime{2};
constexpr std::chrono::seconds kCloseTime{5};
constexpr std::chrono::seconds kLingerTime{5};
constexpr std::size_t kHeadReadBytes = 16U << 10U;  // pipelined requests wait in the kernel
constexpr std::chrono::seconds kAuthenticationTime{10};
// A client that is still sending its body when it is refused must be able to read why: closing on
// unread bytes would take the answer away from it.
constexpr std::size_t kLingerBytesMax = 64U << 20U;
constexpr std::size_t kDrainedBodyMax = 256U << 10U;  // read to keep the connection
constexpr std::size_t kKeptBufferMax = 4U << 10U;     // capacity that an idle connection may keep

bool MayHaveBody(const Response& response) noexcept {
  return response.status >= 200 && response.status != 204 && response.status != 304;
}

}  // namespace

Connection::Connection(ServerContext& context, UniqueFd fd, SSL* ssl, IpAddress peer, int refusal)
    : context_(context),
      transport_(context.executor, std::move(fd), ssl),
      scope_(context.executor),
      peer_{.address = peer, .text = peer.Text(), .speaks_tls = ssl != nullptr},
      limit_key_(peer.LimitKey()),
      refusal_(refusal),
      pieces_{},
      body_(context, transport_) {}

void Connection::Start() { scope_.Spawn(Serve()); }

void Connection::Enter(Stage stage, Clock::duration limit) {
  stage_ = stage;
  stage_deadline_ = context_.now + limit;
}

aio::Task<void> Connection::Serve() {
  const Limits& limits = context_.config.limits;
  Enter(Stage::kHandshake, limits.head_time_max);
  auto greeted = co_await transport_.Handshake();
  if (greeted) {
    co_await ServeRequests();
  }
  Record(0);
  is_done_ = true;
  transport_.Close();
  context_.on_finished(*this);
}

aio::Task<void> Connection::ServeRequests() {
  for (;;) {
    const int refusal = co_await ReadHead();
    if (refusal < 0) {
      co_return;
    }
    started_at_ = Clock::now();
    if (refusal > 0) {
      const bool is_late = refusal == 408;
      co_await Refuse(
          refusal, is_late ? "The request came too slowly." : "The request's head is too large.");
      co_return;
    }
    const bool goes_on = co_await ServeOne();
    if (!goes_on) {
      co_return;
    }
    is_first_ = false;
    if (transport_.IsYieldDue()) {
      co_await transport_.Yield();
    }
  }
}

aio::Task<int> Connection::ReadHead() {
  const Limits& limits = context_.config.limits;
  // RFC 9112 section 2.2: an empty line before the request is skipped.
  if (in_.starts_with("\r\n")) {
    in_.erase(0, 2);
  }
  const Clock::duration head_time = refused() ? kRefusedHeadTime : limits.head_time_max;
  if (in_.empty()) {
    Enter(Stage::kIdle, is_first_ ? head_time : limits.idle_time_max);
  } else {
    Enter(Stage::kHead, head_time);
  }
  std::size_t searched = 0;
  for (;;) {
    const std::size_t end = FindHeadEnd(in_, searched);
    head_bytes_ = end == std::string::npos ? in_.size() : end;
    if (head_bytes_ > limits.head_bytes_max) {
      co_return 431;
    }
    if (end != std::string::npos) {
      co_return 0;
    }
    searched = in_.size();
    auto read = co_await transport_.Read(std::span(context_.scratch).first(kHeadReadBytes));
    if (expired_ && !in_.empty()) {
      co_return 408;
    }
    if (!read || *read == 0) {
      co_return -1;
    }
    if (stage_ == Stage::kIdle) {
      Enter(Stage::kHead, head_time);
    }
    in_.append(context_.scratch.data(), *read);
    if (searched == 0 && in_.starts_with("\r\n")) {
      in_.erase(0, 2);
    }
  }
}

aio::Task<void> Connection::Refuse(int status, std::string_view message) {
  request_ = Request{};
  request_.id = context_.NextRequestId();
  request_.remote_address = peer_.text;
  Enter(Stage::kAnswer, context_.config.limits.progress_time_max);
  Response response = StatusResponse(request_, status, message);
  const bool sent = co_await Send(response, false);
  Record(status);
  if (sent) {
    co_await Linger();
  }
}

aio::Task<Response> Connection::Answer() {
  request_.method = head_.method;
  request_.target = head_.target;
  request_.headers.swap(head_.headers);
  request_.body_size = head_.content_length;
  Identify(request_, peer_, head_.host, context_.identity);
  if (refused()) {
    co_return StatusResponse(request_, refusal_,
                             refusal_ == 429 ? "There are too many connections from your address."
                                             : "The server is full.");
  }
  handler_late_ = false;
  // Until the route is known and sets its own.
  request_.deadline = Deadline::After(kAuthenticationTime);
  stage_ = Stage::kHandler;
  Response response = co_await Dispatch(context_.router, request_, body_, head_);
  if (handler_late_) {
    co_return StatusResponse(request_, 504, "This took too long and was stopped.");
  }
  co_return response;
}

aio::Task<bool> Connection::ServeOne() {
  const std::string_view head_text = std::string_view(in_).substr(0, head_bytes_);
  auto parsed = ParseHead(head_text, context_.config.limits.header_count_max, head_);
  if (!parsed) {
    co_await Refuse(parsed.error().status, parsed.error().message);
    co_return false;
  }
  request_ = Request{};
  request_.id = context_.NextRequestId();
  body_.Reset(head_, std::string_view(in_).substr(head_bytes_));
  Response response = co_await Answer();

  if (auto* upgrade = std::get_if<WebSocketUpgrade>(&response.body)) {
    co_await RunWebSocket(*upgrade);
    co_return false;
  }
  // What is left of the body stands between this request and the next.
  if (!body_.done() && !body_.continue_pending() && body_.failure_status() == 0 &&
      head_.content_length.value_or(0) <= kDrainedBodyMax) {
    body_.SetLimit(kDrainedBodyMax);
    std::ignore = co_await body_.ReadAll();
  }
  const bool keep_alive = head_.keep_alive && body_.done() && !refused() && !context_.draining &&
                          !expired_ && !handler_late_;
  stage_ = Stage::kAnswer;
  bool sent = false;
  if (std::holds_alternative<std::string>(response.body)) {
    // Nearly every answer: the kernel takes it at once, and no coroutine is needed.
    const auto tried = TrySend(response, keep_alive);
    sent = tried.value_or(false);
    if (!tried) {
      sent = co_await Flush();
    }
  } else {
    sent = co_await Send(response, keep_alive);
  }
  Record(response.status);
  if (!sent) {
    co_return false;
  }
  if (!keep_alive) {
    co_await Linger();
    co_return false;
  }
  // `in_` was referred to by the request until now.
  std::string rest = body_.TakeSurplus();
  if (rest.empty() && in_.capacity() <= kKeptBufferMax) {
    in_.clear();
  } else {
    in_ = std::move(rest);
  }
  co_return true;
}

std::optional<bool> Connection::TrySendBytes(std::string_view body) {
  pieces_ = {Piece(out_), Piece(body)};
  unsent_ = pieces_;
  auto written = transport_.TryWrite(unsent_);
  if (!written) {
    return false;
  }
  Advance(unsent_, *written);
  if (!unsent_.empty()) {
    return std::nullopt;
  }
  return true;
}

aio::Task<bool> Connection::Flush() {
  writing_ = true;
  auto done = co_await transport_.Write(unsent_);
  writing_ = false;
  co_return done.has_value();
}

std::string_view Connection::BytesOf(const Response& response) const {
  if (request_.method == Method::kHead || !MayHaveBody(response)) {
    return {};
  }
  if (const auto* text = std::get_if<std::string>(&response.body)) {
    return *text;
  }
  if (const auto* asset = std::get_if<StaticBody>(&response.body)) {
    return asset->bytes;
  }
  return {};
}

ResponseFraming Connection::Frame(Response& response, bool keep_alive) {
  ResponseFraming framing;
  const auto* stream = std::get_if<StreamBody>(&response.body);
  const auto* events = std::get_if<EventStream>(&response.body);
  if (const auto* text = std::get_if<std::string>(&response.body)) {
    framing.content_length = text->size();
  } else if (const auto* asset = std::get_if<StaticBody>(&response.body)) {
    framing.content_length = asset->bytes.size();
  } else if (stream != nullptr) {
    framing.content_length = stream->size;
  }
  if (!MayHaveBody(response)) {
    framing.content_length.reset();
  }
  const bool open_ended = events != nullptr || (stream != nullptr && !stream->size);
  framing.chunked = open_ended && !head_.http_1_0;
  framing.keep_alive = keep_alive && (!open_ended || framing.chunked);
  framing.say_keep_alive = head_.http_1_0;
  if (events != nullptr) {
    response.Set("Content-Type", "text/event-stream");
    response.Set("Cache-Control", "no-store");
    response.Set("X-Accel-Buffering", "no");  // asks a proxy to pass events on at once
  }
  out_.clear();
  AppendResponseHead(out_, response, request_.id, context_.Date(), framing);
  return framing;
}

std::optional<bool> Connection::TrySend(Response& response, bool keep_alive) {
  std::ignore = Frame(response, keep_alive);
  return TrySendBytes(BytesOf(response));
}

aio::Task<bool> Connection::Send(Response& response, bool keep_alive) {
  const ResponseFraming framing = Frame(response, keep_alive);
  const auto tried = TrySendBytes(BytesOf(response));
  bool sent = tried.value_or(false);
  if (!tried) {
    sent = co_await Flush();
  }
  if (out_.capacity() > kKeptBufferMax) {
    out_ = {};
  }
  if (!sent || request_.method == Method::kHead) {
    co_return sent;
  }
  if (auto* stream = std::get_if<StreamBody>(&response.body)) {
    sent = co_await SendStream(*stream, framing.chunked);
  } else if (auto* events = std::get_if<EventStream>(&response.body)) {
    co_await RunEvents(*events);
    sent = false;  // whoever listens to events does nothing else on the connection
  }
  co_return (sent && framing.keep_alive == keep_alive);
}

aio::Task<bool> Connection::SendStream(StreamBody& stream, bool chunked) {
  std::uint64_t remaining = stream.size.value_or(0);
  for (;;) {
    const auto deadline = Deadline::After(context_.config.limits.progress_time_max);
    auto piece = co_await stream.source->Read(deadline);
    if (!piece || (stream.size && piece->size() > remaining)) {
      // Too late for a status: the peer sees that the length or the last chunk is missing.
      co_return false;
    }
    if (stream.size) {
      remaining -= piece->size();
    }
    const bool is_last = piece->empty();
    if (is_last && !chunked) {
      co_return remaining == 0;
    }
    const std::string size = chunked ? fmt::format("{:x}\r\n", piece->size()) : std::string();
    std::array<iovec, 3> pieces{Piece(size), Piece(*piece), Piece(chunked ? "\r\n" : "")};
    writing_ = true;
    auto written = co_await transport_.Write(pieces);
    writing_ = false;
    if (!written || is_last) {
      co_return written.has_value();
    }
  }
}

aio::Task<void> Connection::RunEvents(EventStream& stream) {
  events_.emplace(context_, transport_, scope_, !head_.http_1_0);
  stage_ = Stage::kEvents;
  if (!context_.draining) {
    co_await stream.run(*events_);
  }
  co_await events_->Finish();
  stage_ = Stage::kAnswer;
  if (!head_.http_1_0) {
    std::array<iovec, 1> pieces{Piece("0\r\n\r\n")};
    std::ignore = co_await transport_.Write(pieces);
  }
  events_.reset();
}

aio::Task<void> Connection::RunWebSocket(WebSocketUpgrade& upgrade) {
  if (!IsSubprotocolOffered(request_, upgrade.subprotocol)) {
    Response response = StatusResponse(
        request_, 400, fmt::format("The subprotocol {} must be offered.", upgrade.subprotocol));
    std::ignore = co_await Send(response, false);
    Record(response.status);
    co_return;
  }
  Response response{.status = 101, .headers = {}, .body = std::string()};
  response.Set("Upgrade", "websocket").Set("Connection", "Upgrade");
  response.Set("Sec-WebSocket-Accept",
               AcceptKey(request_.Header("Sec-WebSocket-Key").value_or("")));
  if (!upgrade.subprotocol.empty()) {
    response.Set("Sec-WebSocket-Protocol", upgrade.subprotocol);
  }
  stage_ = Stage::kAnswer;
  const bool sent = co_await Send(response, true);
  if (!sent) {
    co_return;
  }
  websocket_.emplace(context_, transport_, scope_, upgrade.message_bytes_max, body_.TakeSurplus());
  out_ = {};
  stage_ = Stage::kWebSocket;
  context_.metrics.websockets.Add(1);
  if (!context_.draining) {
    co_await upgrade.run(*websocket_);
  }
  Enter(Stage::kLinger, kCloseTime);
  co_await websocket_->Finish();
  context_.metrics.websockets.Add(-1);
  Record(101);
  co_await Linger();
}

aio::Task<void> Connection::Linger() {
  Enter(Stage::kLinger, kLingerTime);
  transport_.ShutdownWrite();
  std::size_t dropped = 0;
  while (dropped < kLingerBytesMax && !expired_) {
    auto read = co_await transport_.Read(context_.scratch);
    if (!read || *read == 0) {
      break;
    }
    dropped += *read;
  }
}

}  // namespace paddock::gateway
