// AgentChannel: one channel of an agent's connection, as docs/protocol/agent.md defines it.
//
// Each kind of call derives one and says what becomes of its data, so that bytes go from the read
// buffer to where they are wanted in one copy. AgentConnection owns live channels; a ChannelHandle
// is the caller's end of one. Loop thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "protocol/frame.h"
#include "protocol/requests.h"
#include "sandbox/internal/waiter.h"

namespace paddock::sandbox::internal {

class AgentConnection;

/// What the agent may send on a channel of this kind before its end.
struct ChannelRules {
  bool ready = false;       // exactly one READY, before all data
  bool data = false;        // DATA and DATA_END
  bool error_data = false;  // ERROR_DATA
  bool takes_data = false;  // we may send DATA and DATA_END
};

class AgentChannel {
 public:
  AgentChannel(const Executor& executor, ChannelRules rules, std::uint32_t credit)
      : rules_(rules),
        receive_credit_(credit),
        credit_step_(credit / 2),
        changed_(executor),
        sendable_(executor) {}
  AgentChannel(const AgentChannel&) = delete;
  AgentChannel& operator=(const AgentChannel&) = delete;
  virtual ~AgentChannel() = default;

  [[nodiscard]] protocol::ChannelId id() const noexcept { return id_; }
  [[nodiscard]] bool ready() const noexcept { return ready_.has_value(); }
  [[nodiscard]] bool ended() const noexcept { return end_.has_value(); }
  [[nodiscard]] bool data_ended() const noexcept { return data_ended_ || ended(); }
  /// The payload of READY; only when ready().
  [[nodiscard]] const std::string& ready_payload() const { return *ready_; }
  /// The payload of RESULT, the agent's ERROR, or how the connection ended; only when ended().
  [[nodiscard]] const Result<std::string>& end() const { return *end_; }

 protected:
  /// A piece of data whose credit has been checked. It is only a view: copy what is kept. Fails
  /// with kInvalid to end the connection. Must not call back into the connection.
  [[nodiscard]] virtual Result<void> OnData(std::string_view bytes, bool is_error) = 0;
  /// Called after OnData, READY, DATA_END, the end, and credit: for those who do not await.
  virtual void OnChange() {}

  /// True when bytes that OnData took have left already: their credit is given back at once, and
  /// the caller waits for nothing but the end.
  [[nodiscard]] virtual bool TakesAtOnce() const { return false; }

 private:
  friend class AgentConnection;
  friend class ChannelHandle;

  protocol::ChannelId id_ = 0;
  ChannelRules rules_;
  std::optional<std::string> ready_;
  std::optional<Result<std::string>> end_;
  bool data_ended_ = false;      // by the agent
  bool own_data_ended_ = false;  // by us
  bool abandoned_ = false;       // CLOSE is sent, nobody listens any more
  std::uint32_t send_credit_ = protocol::kAgentCreditInitial;
  std::uint32_t receive_credit_;  // what the agent may still send
  std::uint32_t credit_step_;
  std::uint32_t consumed_ = 0;  // credit to be given back
  Waiter changed_;              // data, READY or the end came
  Waiter sendable_;             // credit, room in the outbox, or the end came
};

/// The caller's end of a channel, and a share of its connection. Dropping it before the agent has
/// ended the channel cancels the work in the sandbox. Move-only.
class ChannelHandle {
 public:
  ChannelHandle() = default;
  ChannelHandle(std::shared_ptr<AgentConnection> connection, std::shared_ptr<AgentChannel> channel)
      : connection_(std::move(connection)), channel_(std::move(channel)) {}
  ChannelHandle(ChannelHandle&&) noexcept = default;
  ChannelHandle& operator=(ChannelHandle&& other) noexcept;
  ~ChannelHandle() { Drop(); }

  [[nodiscard]] AgentConnection& connection() const { return *connection_; }
  [[nodiscard]] AgentChannel& channel() const { return *channel_; }
  void Drop() {
    Close();
    channel_.reset();
    connection_.reset();
  }
  /// Cancels the work, but keeps channel and connection: for use from within their callbacks.
  void Close();

  /// Waits until data, READY or the end has come since the caller looked. Fails with
  /// kDeadlineExceeded or kCancelled.
  [[nodiscard]] aio::Task<Result<void>> AwaitChange(Deadline deadline);
  /// The payload of READY; fails as the agent said, or as AwaitChange.
  [[nodiscard]] aio::Task<Result<std::string>> AwaitReady(Deadline deadline);
  /// The payload of RESULT; fails as the agent said, or as AwaitChange.
  [[nodiscard]] aio::Task<Result<std::string>> AwaitEnd(Deadline deadline);
  /// Sends all of `bytes`, in pieces as credit comes. When the agent ends the channel meanwhile
  /// the rest is dropped: ask ended(). Fails as AwaitChange.
  [[nodiscard]] aio::Task<Result<void>> Send(std::string_view bytes, Deadline deadline);
  /// Sends `message` as one DATA frame; else like Send.
  [[nodiscard]] aio::Task<Result<void>> SendWhole(std::string_view message, Deadline deadline);
  void SendEnd();
  void SendSignal(protocol::Signal signal);

 private:
  [[nodiscard]] aio::Task<Result<void>> AwaitSendable(std::size_t bytes_min, Deadline deadline);

  std::shared_ptr<AgentConnection> connection_;
  std::shared_ptr<AgentChannel> channel_;
};

}  // namespace paddock::sandbox::internal
