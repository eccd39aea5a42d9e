// Connection: one client of the agent protocol (docs/protocol/agent.md) on a stream socket.
//
// Everything that arrives is hostile: a frame out of place ends the connection. What waits to be
// sent is bounded: channels get no room to send while much is waiting, and the client is not read
// while even more is.
//
// Threading: loop thread. Ownership: the Server owns it and drops it after `on_gone`.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "agent/channel.h"
#include "agent/loop.h"
#include "base/unique_fd.h"
#include "protocol/control.h"
#include "protocol/frame.h"

namespace paddock::agent {

class Connection {
 public:
  /// Makes the channel that a request asks for, or ends `line` at once and returns null.
  using Opener = std::function<std::unique_ptr<Channel>(Line& line, protocol::Request request)>;

  /// Greets with `hello`. `on_gone` is called once, deferred, when the connection is over.
  Connection(Loop& loop,
             UniqueFd socket,
             const protocol::Hello& hello,
             Opener opener,
             std::function<void()> on_gone);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

 private:
  friend class Line;
  struct Slot {
    std::unique_ptr<Line> line;
    std::unique_ptr<Channel> channel;
  };

  void OnEvents(std::uint32_t events);
  void OnReadable();
  void OnFrame(const protocol::Frame& frame);
  [[nodiscard]] Result<void> OnChannelFrame(Slot& slot, const protocol::Frame& frame);
  [[nodiscard]] Result<void> OnHello(std::string_view payload);
  [[nodiscard]] Result<void> OnOpen(const protocol::Frame& frame);
  [[nodiscard]] Result<void> OnData(Slot& slot, std::string_view bytes);
  void Break(const Error& error);

  // For Line.
  [[nodiscard]] std::size_t outbox_room() const;
  std::string& outbox() { return outbox_; }
  void Wrote();  // the outbox has grown
  void Drop(protocol::ChannelId id);
  [[nodiscard]] UniqueFd TakeSocket();
  void Release() { loop_.Defer(on_gone_); }

  void Flush();
  void SetEvents();
  void OfferRoom();
  void Gone();

  Loop& loop_;
  UniqueFd socket_;
  Opener opener_;
  std::function<void()> on_gone_;
  protocol::FrameReader reader_{protocol::Sender::kClient};
  std::map<protocol::ChannelId, Slot> slots_;
  protocol::ChannelId last_opened_ = 0;
  protocol::ChannelId last_offered_ = 0;
  std::string outbox_;
  std::size_t outbox_sent_ = 0;
  bool greeted_ = false;
  bool becomes_stream_ = false;  // a direct forward was asked for: no frame may follow
  bool gone_ = false;
  bool flush_deferred_ = false;
  bool rooms_wanted_ = false;          // some channel may have found no room in the outbox
  std::shared_ptr<Connection*> self_;  // deferred work finds out whether the connection still is
  Watch watch_;
};

}  // namespace paddock::agent
