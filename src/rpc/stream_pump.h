// StreamPump: moves bytes between a connected socket and the RPC Connect, in both directions.
//
// Used at either end: the node's socket leads to the agent, the server's is one of a pair whose
// other end Driver::Connect has handed out. It holds one piece for each direction and reads no
// further until that has gone on, so a slow reader stops the writer on the other host.
//
// Loop thread only. Ownership: the stream holds the pump and is held by it, until the stream is
// over or has been abandoned.
#pragma once

#include <cstddef>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/result.h"
#include "base/unique_fd.h"
#include "rpc/piece_stream.h"

namespace paddock::rpc {

class StreamPump : public std::enable_shared_from_this<StreamPump> {
 public:
  /// Who ends the stream when both directions have had their end: the node does, and the server
  /// waits for that.
  enum class Side { kNode, kServer };

  StreamPump(const boost::asio::any_io_executor& executor, PieceStream& stream, Side side);

  /// Nothing is under way on the stream; what is in `outgoing` goes first. Fails with kExhausted.
  [[nodiscard]] Result<void> Start(UniqueFd local);

  void OnRead(bool ok);
  void OnWritten(bool ok);

  /// Closes the socket and the stream at once.
  void Stop(const grpc::Status& status);

 private:
  using Socket = boost::asio::local::stream_protocol::socket;

  void ReadLocal();
  void WriteLocal();
  void Send();
  void TakeEnd();
  void OnHangUp();
  void FinishIfDone();
  void Await(Socket::wait_type what, bool& awaiting, void (StreamPump::*then)());

  Socket local_;
  boost::asio::steady_timer linger_;
  PieceStream& stream_;  // holds this
  Side side_;
  std::size_t written_ = 0;  // of the piece received
  bool awaiting_read_ = false;
  bool awaiting_write_ = false;
  bool is_sending_ = false;
  bool local_ended_ = false;   // the socket has no more to send
  bool end_sent_ = false;      // and the other side knows
  bool remote_ended_ = false;  // the other side has no more to send
  bool local_takes_no_more_ = false;
  bool local_hung_up_ = false;
  bool is_closed_ = false;
};

}  // namespace paddock::rpc
