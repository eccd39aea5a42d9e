// HttpEventSink: server-sent events on one connection, in the chunked coding when it is HTTP/1.1.
//
// Made by the connection. Threading: loop thread only. Borrows transport, context and scope.
#pragma once

#include <string>

#include <boost/asio/steady_timer.hpp>

#include "aio/task_scope.h"
#include "gateway/http.h"
#include "gateway/server_context.h"
#include "gateway/transport.h"

namespace paddock::gateway {

class HttpEventSink final : public EventSink {
 public:
  HttpEventSink(ServerContext& context, Transport& transport, aio::TaskScope& scope, bool chunked);

  [[nodiscard]] aio::Task<Result<void>> Send(std::string event,
                                             std::string data,
                                             std::string id) override;
  /// Waiting for the client to take bytes: then it must make progress.
  [[nodiscard]] bool sending() const noexcept { return sending_; }
  /// A piece did not get through: nothing that follows could be understood.
  [[nodiscard]] bool broken() const noexcept { return broken_; }

  /// Sends a heartbeat when one is due.
  void Sweep();
  /// Waits for a heartbeat on its way; afterwards nothing of this sink is sent.
  [[nodiscard]] aio::Task<void> Finish();

 private:
  [[nodiscard]] aio::Task<Result<void>> SendText(std::string text);
  [[nodiscard]] aio::Task<void> SendHeartbeat();

  ServerContext& context_;
  Transport& transport_;
  aio::TaskScope& scope_;
  bool chunked_;
  boost::asio::steady_timer free_;  // never expires; cancelled when a send is through
  bool sending_ = false;
  bool broken_ = false;
  bool finished_ = false;
  Clock::time_point sent_at_;
};

}  // namespace paddock::gateway
