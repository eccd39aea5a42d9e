// Request, Response and Handler: what a route sees of HTTP. Nothing here names Beast or a socket.
//
// Used by every route; made and consumed by the connection loop (connection.h).
// Threading: loop thread only. Ownership: the connection owns the Request until the response has
// been sent in full; the views in it live exactly as long.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "gateway/body_budget.h"
#include "gateway/caller.h"
#include "gateway/method.h"

namespace paddock::gateway {

class WebSocket;

/// A body that is read or sent piece by piece.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// The next piece, at most 256 KiB; empty at the end. kCancelled: the peer went away;
  /// kInvalid: the peer broke the protocol; kExhausted: over the limit; kDeadlineExceeded.
  [[nodiscard]] virtual aio::Task<Result<std::string>> Read(Deadline deadline) = 0;
};

struct HeaderView {
  std::string_view name;  // as sent; compare with EqualsIgnoreCase
  std::string_view value;
};

struct Request {
  Method method = Method::kGet;
  std::string_view target;  // as sent, for logs
  std::string path;         // percent-decoded once: valid UTF-8, no NUL, no "." or ".." segment
  std::string_view route;   // the pattern that matched, "" when none did
  std::vector<std::pair<std::string_view, std::string_view>> parameters;  // in path
  std::vector<std::pair<std::string, std::string>> query;                 // decoded, no name twice
  std::vector<HeaderView> headers;
  std::string id;                     // X-Request-Id of the answer
  std::string remote_address;         // of the client, behind trusted proxies; no port
  std::string limit_key;              // what the limits of an address count this client by
  std::string origin;                 // our own, "https://paddock.example", as this client sees it
  bool host_is_ours = true;           // false: a name that anybody could have pointed at us
  bool secure = false;                // the client speaks TLS, to us or to a trusted proxy
  std::optional<Caller> caller;       // set by the router's AuthHook
  std::string body;                   // of a route with BodyKind::kBuffered
  BodyBudget::Hold body_hold;         // its part of what all may hold
  ByteSource* body_source = nullptr;  // of a route with BodyKind::kStreamed; never null there
  std::optional<std::uint64_t> body_size;            // Content-Length, when the client told it
  Deadline deadline = Deadline::Never();             // of the route; pass it down unchanged
  std::chrono::steady_clock::time_point started_at;  // when its head was there
  std::optional<std::chrono::seconds> retry_after;   // for an answer that says Retry-After

  /// As new, but for the memory, which the next request of the connection uses again.
  void Clear() noexcept;
  /// Frees `body` and its part of the budget, for a handler that has read it and goes on for long.
  void DropBody() noexcept;
  [[nodiscard]] std::optional<std::string_view> Header(std::string_view name) const noexcept;
  /// Of the pattern; must exist.
  [[nodiscard]] std::string_view Parameter(std::string_view name) const;
  [[nodiscard]] std::optional<std::string_view> Query(std::string_view name) const noexcept;
  /// The value of one cookie, as sent.
  [[nodiscard]] std::optional<std::string_view> Cookie(std::string_view name) const noexcept;
};

/// Server-sent events: `run` sends until it is done, or until Send fails or it is cancelled
/// because the client went away. The server adds heartbeats, every 15 s of silence.
class EventSink {
 public:
  virtual ~EventSink() = default;
  /// `data` may hold newlines. Awaiting is back-pressure. kCancelled: the client went away.
  [[nodiscard]] virtual aio::Task<Result<void>> Send(std::string event,
                                                     std::string data,
                                                     std::string id) = 0;
};
struct EventStream {
  std::function<aio::Task<void>(EventSink&)> run;  // the sink outlives the task
};

/// The answer that turns the connection into a WebSocket; see websocket.h. `run` owns the
/// conversation; when it returns, the socket is closed (1000 unless it closed it otherwise), and
/// it is cancelled when the server stops. A request that is no valid upgrade gets 426 or 400.
struct WebSocketUpgrade {
  std::string subprotocol;  // must be among those that the client offered; empty: none
  std::size_t message_bytes_max = 64U << 10U;
  std::function<aio::Task<void>(WebSocket&)> run;  // the socket outlives the task
};

/// Bytes that live as long as the process: an embedded asset.
struct StaticBody {
  std::string_view bytes;
};

struct StreamBody {
  std::unique_ptr<ByteSource> source;
  std::optional<std::uint64_t> size;  // sent as Content-Length when known, else chunked
};

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};  // NOLINT: may be left out
  // NOLINTNEXTLINE(readability-redundant-member-init): so may this
  std::variant<std::string, StaticBody, StreamBody, EventStream, WebSocketUpgrade> body = {};
  bool is_json = false;  // with the headers of JsonResponse, which are written without being stored

  Response& Set(std::string name, std::string value) & {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
};

/// `request` outlives the task.
using Handler = std::function<aio::Task<Response>(Request& request)>;
/// For what is answered without waiting for anything, and so without the cost of a task.
using InstantHandler = std::function<Response(Request& request)>;

[[nodiscard]] Response JsonResponse(int status, std::string json);
[[nodiscard]] Response NoContent();
/// {"code","message","request_id"} with the status of status.cc. The client reads the reason; that
/// of kInternal and kUnavailable goes to the log instead, and the client reads `failed`, a
/// sentence. kExhausted and kUnavailable carry Retry-After: request.retry_after, or a short while.
[[nodiscard]] Response ErrorResponse(const Request& request,
                                     const Error& error,
                                     std::string_view failed = {});
/// The same for what has no Code: 404 without a route, 405, 413.
[[nodiscard]] Response StatusResponse(const Request& request, int status, std::string_view message);
[[nodiscard]] bool EqualsIgnoreCase(std::string_view a, std::string_view b) noexcept;

}  // namespace paddock::gateway
