// Connection: one accepted connection from its first byte to its last: the HTTP/1.1 loop.
//
// Made by the Server. Threading: loop thread only. Ownership: the server keeps it until
// finished(); context outlives it.
//
// It has no timer of its own. The server sweeps all connections a few times a second, and a
// connection that is late is cancelled then: a request costs no timer, and an idle one no memory.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <openssl/types.h>

#include "aio/task_scope.h"
#include "base/unique_fd.h"
#include "gateway/body_reader.h"
#include "gateway/client_address.h"
#include "gateway/dispatcher.h"
#include "gateway/event_sink.h"
#include "gateway/http.h"
#include "gateway/request_head.h"
#include "gateway/response_head.h"
#include "gateway/server_context.h"
#include "gateway/transport.h"
#include "gateway/websocket_session.h"

namespace paddock::gateway {

class Connection {
 public:
  /// `refusal`: 0, or 429 or 503: the first request is answered with it and nothing else.
  Connection(ServerContext& context, UniqueFd fd, SSL* ssl, IpAddress peer, int refusal);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Start();
  /// Enforces the time limits and sends pings and heartbeats. Uses context.now.
  void Sweep();
  /// The server stops: an idle connection ends, a WebSocket's or an event stream's task is
  /// cancelled, a request goes on.
  void Drain();
  /// Ends it whatever it does.
  void Abort();
  [[nodiscard]] bool finished() const noexcept { return is_done_ && scope_.running_count() == 0; }
  [[nodiscard]] bool refused() const noexcept { return refusal_ != 0; }
  [[nodiscard]] const std::string& limit_key() const noexcept { return peer_.limit_key; }
  [[nodiscard]] bool is_proxy() const noexcept { return peer_.is_proxy; }

 private:
  enum class Stage : std::uint8_t {
    kHandshake,
    kIdle,  // before the first byte of a request
    kHead,
    kHandler,  // also reads the body
    kAnswer,
    kEvents,
    kWebSocket,
    kLinger,
  };

  [[nodiscard]] aio::Task<void> Serve();
  [[nodiscard]] aio::Task<void> ServeRequests();
  enum class HeadVerdict : std::uint8_t { kMore, kWhole, kTooLarge, kLate, kEnd };
  /// How much of in_ needs no search: nothing.
  [[nodiscard]] std::size_t BeginHead();
  /// kWhole: a head is there, head_bytes_ long.
  [[nodiscard]] HeadVerdict CheckHead(std::size_t searched);
  [[nodiscard]] HeadVerdict TakeHead(const Result<std::size_t>& read, std::size_t searched);
  /// The request of the head, as far as it goes without waiting.
  [[nodiscard]] Dispatched Begin();
  /// The usual request, from its head to its answer. nullopt: ServeSlowly has to go on with it.
  /// False, as there: the connection is not used again.
  [[nodiscard]] std::optional<bool> TryServe();
  [[nodiscard]] aio::Task<bool> ServeSlowly();
  [[nodiscard]] aio::Task<Response> Answer();
  [[nodiscard]] bool KeepsAlive() const;
  void EndRequest(int status);
  /// A complaint about a request that could not be read.
  [[nodiscard]] aio::Task<void> Refuse(int status, std::string_view message);

  /// The head of `response` into out_, and how the body follows.
  [[nodiscard]] ResponseFraming Frame(Response& response, bool keep_alive);
  [[nodiscard]] aio::Task<bool> Send(Response& response, bool keep_alive);
  /// What of `response` is sent as it is: not for HEAD, 204 and 304.
  [[nodiscard]] std::string_view BytesOf(const Response& response) const;
  /// An answer whose bytes are all there. nullopt: the kernel took part of it; Flush sends the
  /// rest.
  [[nodiscard]] std::optional<bool> TrySendBytes(std::string_view body);
  [[nodiscard]] aio::Task<bool> Flush();
  [[nodiscard]] aio::Task<bool> SendStream(StreamBody& stream, bool chunked);
  [[nodiscard]] aio::Task<void> RunEvents(EventStream& stream);
  [[nodiscard]] aio::Task<void> RunWebSocket(WebSocketUpgrade& upgrade);
  /// Lets the peer read the last answer before the connection is reset by what it still sends.
  [[nodiscard]] aio::Task<void> Linger();

  void Enter(Stage stage, Clock::duration limit);
  void Expire();
  void SweepHandler();
  [[nodiscard]] bool MadeProgress();
  [[nodiscard]] bool WritesToPeer() const;
  [[nodiscard]] bool IsTooSlow();
  void Record(int status);

  ServerContext& context_;
  Transport transport_;
  aio::TaskScope scope_;
  Peer peer_;
  int refusal_;

  Stage stage_ = Stage::kIdle;
  Clock::time_point stage_deadline_;
  Clock::time_point progress_at_;
  std::uint64_t progress_bytes_ = 0;
  Clock::duration waited_{};        // for the peer to take an answer
  std::uint64_t waited_bytes_ = 0;  // moved when that began
  bool writing_ = false;            // waiting for the peer to take bytes
  bool expired_ = false;            // the sweeper ended a wait
  bool handler_late_ = false;
  bool client_left_ = false;  // while its handler ran
  bool is_first_ = true;
  bool is_done_ = false;

  std::string in_;  // received and not yet consumed
  std::size_t head_bytes_ = 0;
  Clock::duration head_time_{};
  std::string out_;
  std::array<iovec, 2> pieces_;  // what TrySendBytes left over: unsent_ of them
  std::span<iovec> unsent_;
  RequestHead head_;
  Request request_;
  Dispatched dispatched_;
  BodyReader body_;
  Clock::time_point started_at_;
  std::optional<WebSocketSession> websocket_;
  std::optional<HttpEventSink> events_;
};

}  // namespace paddock::gateway
