#include "gateway/connection.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"
#include "gateway/dispatcher.h"

namespace paddock::gateway {
namespace {

constexpr std::chrono::seconds kRefusedHeadTime{2};
constexpr std::chrono::seconds kLingerTime{5};
constexpr std::size_t kHeadReadBytes = 16U << 10U;  // pipelined requests wait in the kernel
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
      peer_(peer, ssl != nullptr, context.identity),
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
    std::size_t searched = BeginHead();
    auto verdict = CheckHead(searched);
    while (verdict == HeadVerdict::kMore) {
      searched = in_.size();
      auto read = co_await transport_.Read(std::span(context_.scratch).first(kHeadReadBytes));
      verdict = TakeHead(read, searched);
    }
    if (verdict == HeadVerdict::kEnd) {
      co_return;
    }
    started_at_ = Clock::now();
    if (verdict != HeadVerdict::kWhole) {
      const bool is_late = verdict == HeadVerdict::kLate;
      co_await Refuse(is_late ? 408 : 431, is_late ? "The request came too slowly."
                                                   : "The request's head is too large.");
      co_return;
    }
    // Nearly every request is answered here and now, and costs no task.
    auto goes_on = TryServe();
    if (!goes_on) {
      const bool served = co_await ServeSlowly();
      goes_on = served;
    }
    if (!*goes_on) {
      co_return;
    }
    is_first_ = false;
    if (transport_.IsYieldDue()) {
      co_await transport_.Yield();
    }
  }
}

std::size_t Connection::BeginHead() {
  const Limits& limits = context_.config.limits;
  // RFC 9112 section 2.2: an empty line before the request is skipped.
  if (in_.starts_with("\r\n")) {
    in_.erase(0, 2);
  }
  head_time_ = refused() ? kRefusedHeadTime : Clock::duration(limits.head_time_max);
  if (in_.empty()) {
    Enter(Stage::kIdle, is_first_ ? head_time_ : Clock::duration(limits.idle_time_max));
  } else {
    Enter(Stage::kHead, head_time_);
  }
  return 0;
}

Connection::HeadVerdict Connection::CheckHead(std::size_t searched) {
  const std::size_t end = FindHeadEnd(in_, searched);
  head_bytes_ = end == std::string::npos ? in_.size() : end;
  if (head_bytes_ > context_.config.limits.head_bytes_max) {
    return HeadVerdict::kTooLarge;
  }
  return end == std::string::npos ? HeadVerdict::kMore : HeadVerdict::kWhole;
}

Connection::HeadVerdict Connection::TakeHead(const Result<std::size_t>& read,
                                             std::size_t searched) {
  if (expired_ && !in_.empty()) {
    return HeadVerdict::kLate;
  }
  if (!read || *read == 0) {
    return HeadVerdict::kEnd;
  }
  if (stage_ == Stage::kIdle) {
    Enter(Stage::kHead, head_time_);
  }
  in_.append(context_.scratch.data(), *read);
  if (searched == 0 && in_.starts_with("\r\n")) {
    in_.erase(0, 2);
  }
  return CheckHead(searched);
}

aio::Task<void> Connection::Refuse(int status, std::string_view message) {
  request_.Clear();
  context_.NextRequestId(request_.id);
  request_.remote_address = peer_.text;
  Enter(Stage::kAnswer, context_.config.limits.progress_time_max);
  Response response = StatusResponse(request_, status, message);
  const bool sent = co_await Send(response, false);
  Record(status);
  if (sent) {
    co_await Linger();
  }
}

Dispatched Connection::Begin() {
  request_.Clear();
  context_.NextRequestId(request_.id);
  request_.started_at = started_at_;
  const std::string_view received = in_;
  auto parsed =
      ParseHead(received.substr(0, head_bytes_), context_.config.limits.header_count_max, head_);
  if (!parsed) {
    head_.keep_alive = false;  // what follows could be anything
    body_.Reset({}, {});
    request_.remote_address = peer_.text;
    return {.response = StatusResponse(request_, parsed.error().status, parsed.error().message)};
  }
  request_.method = head_.method;
  request_.target = head_.target;
  request_.headers.swap(head_.headers);
  request_.body_size = head_.content_length;
  body_.Reset(head_, received.substr(head_bytes_));
  Identify(request_, peer_, head_.host, context_.identity);
  if (refused()) {
    return {.response =
                StatusResponse(request_, refusal_,
                               refusal_ == 429 ? "There are too many connections from your address."
                                               : "The server is full.")};
  }
  handler_late_ = false;
  client_left_ = false;
  return Dispatch(context_.router, request_, body_, head_);
}

std::optional<bool> Connection::TryServe() {
  dispatched_ = Begin();
  const bool is_text =
      dispatched_.response && std::holds_alternative<std::string>(dispatched_.response->body);
  if (!is_text || !KeepsAlive()) {
    return std::nullopt;
  }
  stage_ = Stage::kAnswer;
  std::ignore = Frame(*dispatched_.response, true);
  const auto sent = TrySendBytes(BytesOf(*dispatched_.response));
  if (sent) {
    EndRequest(dispatched_.response->status);
  }
  return sent;
}

bool Connection::KeepsAlive() const {
  return head_.keep_alive && body_.done() && !refused() && !context_.draining && !expired_ &&
         !handler_late_;
}

aio::Task<Response> Connection::Answer() {
  if (dispatched_.response) {
    co_return *std::exchange(dispatched_.response, std::nullopt);
  }
  stage_ = Stage::kHandler;
  const AuthLookUp* look_up =
      dispatched_.look_up_caller ? &context_.router.auth_look_up() : nullptr;
  Response response = co_await RunRoute(*dispatched_.route, look_up, request_, body_,
                                        context_.config.limits.body_time_max);
  if (client_left_) {
    co_return StatusResponse(request_, 499, "The client left.");
  }
  if (handler_late_) {
    co_return StatusResponse(request_, 504, "This took too long and was stopped.");
  }
  co_return response;
}

aio::Task<bool> Connection::ServeSlowly() {
  if (!unsent_.empty()) {  // TryServe has begun to answer
    const bool flushed = co_await Flush();
    EndRequest(dispatched_.response->status);
    co_return flushed;
  }
  const Limits& limits = context_.config.limits;
  Response response = co_await Answer();
  if (auto* upgrade = std::get_if<WebSocketUpgrade>(&response.body)) {
    co_await RunWebSocket(*upgrade);
    co_return false;
  }
  // What is left of the body stands between this request and the next.
  if (!body_.done() && !body_.continue_pending() && body_.failure_status() == 0 &&
      head_.content_length.value_or(0) <= kDrainedBodyMax) {
    body_.SetLimit(kDrainedBodyMax);
    request_.DropBody();
    std::ignore = co_await body_.ReadAll(request_.body_hold, Deadline::After(limits.body_time_max));
  }
  const bool keep_alive = KeepsAlive();
  stage_ = Stage::kAnswer;
  const bool sent = co_await Send(response, keep_alive);
  EndRequest(response.status);
  if (sent && !keep_alive) {
    co_await Linger();
  }
  co_return (sent && keep_alive);
}

void Connection::EndRequest(int status) {
  Record(status);
  dispatched_ = {};
  request_.DropBody();
  // `in_` was referred to by the request until now.
  std::string rest = body_.TakeSurplus();
  if (rest.empty() && in_.capacity() <= kKeptBufferMax) {
    in_.clear();
  } else {
    in_ = std::move(rest);
  }
}

std::optional<bool> Connection::TrySendBytes(std::string_view body) {
  pieces_ = {Piece(out_), Piece(body)};
  unsent_ = pieces_;
  auto written = transport_.TryWrite(unsent_);
  if (!written) {
    return false;
  }
  Advance(unsent_, *written);
  return unsent_.empty() ? std::optional(true) : std::nullopt;
}

aio::Task<bool> Connection::Flush() {
  writing_ = true;
  auto done = co_await transport_.Write(std::exchange(unsent_, {}));
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
