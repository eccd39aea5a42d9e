// AgentConnection: the byte stream to one agent, cut into channels.
//
// Used by AgentClient's implementation. It reads always, checks every frame against the protocol,
// hands data to channels, and writes at once what the socket takes. Everything it holds is bounded:
// the read buffer, the outbox, the channels, and what each channel granted.
//
// Threading: loop thread only. Ownership: shared by the client and the handles of live channels;
// with the last of them the connection closes. Callbacks of its own hold it weakly.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <boost/asio/local/stream_protocol.hpp>

#include "base/unique_fd.h"
#include "protocol/control.h"
#include "protocol/requests.h"
#include "sandbox/internal/agent_channel.h"

namespace paddock::sandbox::internal {

class AgentConnection : public std::enable_shared_from_this<AgentConnection> {
 public:
  AgentConnection(const Executor& executor, UniqueFd stream);
  AgentConnection(const AgentConnection&) = delete;
  AgentConnection& operator=(const AgentConnection&) = delete;
  ~AgentConnection();

  /// Greets the agent and starts to read. Once, before all else. Fails with kUnavailable or as
  /// Waiter.
  [[nodiscard]] aio::Task<Result<void>> Start(Deadline deadline);

  [[nodiscard]] bool is_open() const noexcept { return !failure_ && next_id_ != 0; }
  /// As AgentClient says.
  [[nodiscard]] bool forwards_directly() const noexcept {
    return refuses_descriptors_ && hello_ &&
           (hello_->features & protocol::kFeatureDirectForwards) != 0;
  }
  [[nodiscard]] const Executor& executor() const noexcept { return executor_; }

  /// Sends OPEN for `channel`. Fails with kUnavailable (the connection has ended), kExhausted (too
  /// many channels, or the agent does not read) or kInvalid (`request` is too large).
  [[nodiscard]] Result<ChannelHandle> Open(std::shared_ptr<AgentChannel> channel,
                                           protocol::Request request);

  /// Ends the connection: every live channel ends with `error`, whose code becomes kUnavailable.
  void Fail(Error error);

  /// Like Fail, for what the agent sent: it is told so first, should it still listen.
  void Reject(Error error);

  /// `count` bytes of the channel's data have left our buffers: the agent gets credit for them.
  void Consumed(AgentChannel& channel, std::size_t count);

  /// How many bytes one DATA frame may carry now: 0 without credit or room in the outbox.
  [[nodiscard]] std::size_t SendableBytes(const AgentChannel& channel) const;
  /// One DATA frame of at most SendableBytes.
  void SendData(AgentChannel& channel, std::string_view bytes);
  void SendDataEnd(AgentChannel& channel);

  /// While one lives, frames gather in the outbox and leave together when the last one ends.
  class Cork {
   public:
    explicit Cork(AgentConnection& connection) : connection_(connection) { ++connection_.corks_; }
    Cork(const Cork&) = delete;
    Cork& operator=(const Cork&) = delete;
    ~Cork() {
      if (--connection_.corks_ == 0) {
        connection_.Flush();
      }
    }

   private:
    AgentConnection& connection_;
  };

 private:
  friend class ChannelHandle;

  using Socket = boost::asio::basic_stream_socket<boost::asio::local::stream_protocol, Executor>;

  void AwaitReadable();
  void OnReadable();
  void ReadRest();
  void TakeFrames();
  [[nodiscard]] Result<void> OnFrame(const protocol::Frame& frame);
  [[nodiscard]] Result<void> OnConnectionFrame(const protocol::Frame& frame);
  [[nodiscard]] Result<void> OnChannelFrame(AgentChannel& channel, const protocol::Frame& frame);
  [[nodiscard]] Result<void> OnChannelData(AgentChannel& channel, const protocol::Frame& frame);
  [[nodiscard]] Result<void> OnChannelEnd(AgentChannel& channel, const protocol::Frame& frame);
  [[nodiscard]] Result<void> OnWindow(AgentChannel& channel, std::string_view payload);

  void Abandon(AgentChannel& channel);
  void SendFrame(protocol::ChannelId channel, protocol::FrameType type, std::string_view payload);
  void Flush();
  [[nodiscard]] bool outbox_full() const noexcept {
    return outbox_.size() - outbox_begin_ >= protocol::kOutboxBytesHigh;
  }
  void AwaitWritable();
  void WakeSenders();
  void OnWriteBroken();

  Executor executor_;
  Socket socket_;
  protocol::FrameReader reader_;
  std::optional<protocol::Hello> hello_;
  std::optional<Error> failure_;
  Waiter greeted_;
  std::unordered_map<protocol::ChannelId, std::shared_ptr<AgentChannel>> channels_;
  protocol::ChannelId next_id_ = 1;  // 0 again when all ids are used up
  std::string outbox_;
  std::size_t outbox_begin_ = 0;  // what lies before has been written
  int corks_ = 0;
  bool refuses_descriptors_ = false;
  bool awaiting_writable_ = false;
  bool write_broken_ = false;
};

}  // namespace paddock::sandbox::internal
