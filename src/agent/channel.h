// Channel: the work behind one OPEN of the agent protocol, and Line: its way to the client.
//
// Channels: exec_channel.h, terminal_channels.h, worker_channel.h (files and tars),
// forward_channel.h, program_channel.h. The connection owns each channel from OPEN to its RESULT or
// ERROR, and calls it with frames that are already checked for form, order and credit.
//
// Threading: loop thread. Ownership: a Line lives as long as its channel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "protocol/frame.h"
#include "protocol/requests.h"

namespace paddock::agent {

class Connection;

/// A channel's own end of the connection: sends frames within the client's credit.
class Line {
 public:
  Line(Connection& connection, protocol::ChannelId id, std::uint32_t credit)
      : connection_(connection), id_(id), send_credit_(credit) {}
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  [[nodiscard]] protocol::ChannelId id() const noexcept { return id_; }

  /// How many bytes of data may be sent in one frame now: the client's credit, as far as the
  /// connection's own buffer has space. Zero: wait for Channel::OnRoom.
  [[nodiscard]] std::size_t room() const;
  /// Sends DATA or ERROR_DATA of at most room() bytes.
  void Send(protocol::FrameType type, std::string_view bytes);
  /// The same, filled in place: `fill` gets room for `size_max` bytes, at most room(), and says how
  /// many it wrote; with none nothing is sent. Returns what `fill` did.
  std::ptrdiff_t SendFilled(protocol::FrameType type,
                            std::size_t size_max,
                            const std::function<std::ptrdiff_t(char*, std::size_t)>& fill);
  void SendEnd();
  /// READY without fields, or a whole frame that was encoded elsewhere (no data).
  void SendReady();
  void SendFrame(std::string_view frame);

  /// Gives credit back for `count` bytes of the client's data that have left our buffers.
  void GiveCredit(std::size_t count);

  /// The channel's last frame, once: the channel is dropped when its current call has returned.
  void Finish();                            // RESULT without fields
  void FinishWith(std::string_view frame);  // RESULT, encoded
  void FinishWith(const Error& error);      // ERROR
  [[nodiscard]] bool is_finished() const noexcept { return finished_; }

  /// The connection's socket, for a channel that is alone on it: what was sent is on its way, and
  /// from now on there are no frames. Empty: it takes no more, and is gone. Release ends both.
  [[nodiscard]] UniqueFd TakeSocket();
  void Release();

 private:
  friend class Connection;
  void End();

  Connection& connection_;
  protocol::ChannelId id_;
  std::uint64_t send_credit_;
  std::uint64_t receive_credit_ = protocol::kAgentCreditInitial;
  std::size_t credit_owed_ = 0;  // consumed, and not yet given back
  bool client_ended_ = false;    // its DATA_END came
  bool finished_ = false;
};

class Channel {
 public:
  explicit Channel(Line& line) : line_(line) {}
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  virtual ~Channel() = default;

  /// The client's data; false when this kind takes none, which ends the connection.
  [[nodiscard]] virtual bool OnData(std::string_view /*bytes*/) { return false; }
  [[nodiscard]] virtual bool OnDataEnd() { return false; }
  [[nodiscard]] virtual bool OnSignal(protocol::Signal /*signal*/) { return false; }
  /// room() may have grown.
  virtual void OnRoom() {}
  /// The client wants nothing more: stop, undo, and end the line.
  virtual void OnClose() { line_.FinishWith(Error{.code = Code::kCancelled, .message = "closed"}); }

 protected:
  [[nodiscard]] Line& line() const noexcept { return line_; }

 private:
  Line& line_;
};

}  // namespace paddock::agent
