#include "rpc/stream_pump.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <utility>

namespace paddock::rpc {

namespace {

// After the caller has closed its end, what it wrote may still be on its way to a slow agent.
constexpr std::chrono::seconds kLinger{10};

bool WouldBlock(int error_number) noexcept {
  return error_number == EAGAIN || error_number == EINTR;
}

}  // namespace

StreamPump::StreamPump(const boost::asio::any_io_executor& executor, PieceStream& stream, Side side)
    : local_(executor), linger_(executor), stream_(stream), side_(side) {}

Result<void> StreamPump::Start(UniqueFd local) {
  boost::system::error_code error;
  local_.assign(boost::asio::local::stream_protocol(), local.get(), error);
  if (error) {
    return Fail(Code::kExhausted, "stream to an agent: " + error.message());
  }
  static_cast<void>(local.Release());
  local_.async_wait(Socket::wait_error,
                    [self = shared_from_this()](const boost::system::error_code& failed) {
                      if (!failed) {
                        self->OnHangUp();
                      }
                    });
  stream_.Read();
  if (stream_.outgoing.piece_case() == node::v1::StreamPiece::kConnected) {
    Send();
  } else {
    ReadLocal();
  }
  return {};
}

void StreamPump::OnRead(bool ok) {
  if (is_closed_) {
    return;
  }
  const auto& piece = stream_.received;
  if (!ok) {
    Stop({grpc::StatusCode::CANCELLED, "the other side is gone"});
  } else if (!remote_ended_ && piece.has_data() && !piece.data().empty() &&
             piece.data().size() <= kPieceBytesMax) {
    written_ = 0;
    WriteLocal();
  } else if (!remote_ended_ && piece.end()) {
    TakeEnd();
  } else {
    Stop({grpc::StatusCode::INVALID_ARGUMENT, "a piece out of place"});
  }
}

void StreamPump::TakeEnd() {
  remote_ended_ = true;
  boost::system::error_code ignored;
  local_.shutdown(Socket::shutdown_send, ignored);
  stream_.Read();
  FinishIfDone();
}

// What a socket that takes no more is sent goes nowhere, as it would be with a local one.
void StreamPump::WriteLocal() {
  if (is_closed_) {
    return;
  }
  const std::string& data = stream_.received.data();
  while (!local_takes_no_more_ && written_ < data.size()) {
    const auto count = send(local_.native_handle(), data.data() + written_, data.size() - written_,
                            MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && WouldBlock(errno)) {
      Await(Socket::wait_write, awaiting_write_, &StreamPump::WriteLocal);
      return;
    }
    local_takes_no_more_ = count < 0;
    written_ += count < 0 ? 0 : static_cast<std::size_t>(count);
  }
  stream_.Read();
  FinishIfDone();
}

void StreamPump::ReadLocal() {
  if (is_closed_ || is_sending_ || local_ended_) {
    return;
  }
  std::array<char, kPieceBytesMax> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const auto count = recv(local_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count < 0 && WouldBlock(errno)) {
    Await(Socket::wait_read, awaiting_read_, &StreamPump::ReadLocal);
  } else if (count > 0) {
    stream_.outgoing.set_data(buffer.data(), static_cast<std::size_t>(count));
    Send();
  } else {
    local_ended_ = true;
    stream_.outgoing.set_end(true);
    Send();
  }
}

void StreamPump::Send() {
  is_sending_ = true;
  stream_.Write();
}

void StreamPump::OnWritten(bool ok) {
  is_sending_ = false;
  if (is_closed_) {
    return;
  }
  if (!ok) {
    Stop({grpc::StatusCode::CANCELLED, "the other side is gone"});
  } else if (local_ended_) {
    end_sent_ = true;
    FinishIfDone();
  } else {
    ReadLocal();
  }
}

void StreamPump::OnHangUp() {
  if (is_closed_) {
    return;
  }
  local_hung_up_ = true;
  if (side_ == Side::kServer) {
    linger_.expires_after(kLinger);
    linger_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error) {
        self->Stop({grpc::StatusCode::CANCELLED, "nobody uses it any more"});
      }
    });
  }
  ReadLocal();
  FinishIfDone();
}

// The status comes after everything that was sent, so nothing is lost when the node says it.
void StreamPump::FinishIfDone() {
  const bool is_inward_over = remote_ended_ || local_takes_no_more_ || local_hung_up_;
  if (side_ == Side::kNode && !is_closed_ && end_sent_ && is_inward_over) {
    Stop(grpc::Status::OK);
  }
}

void StreamPump::Await(Socket::wait_type what, bool& awaiting, void (StreamPump::*then)()) {
  if (std::exchange(awaiting, true)) {
    return;
  }
  local_.async_wait(
      what, [self = shared_from_this(), &awaiting, then](const boost::system::error_code& error) {
        awaiting = false;
        if (!error) {
          (self.get()->*then)();
        }
      });
}

void StreamPump::Stop(const grpc::Status& status) {
  if (std::exchange(is_closed_, true)) {
    return;
  }
  boost::system::error_code ignored;
  local_.close(ignored);
  linger_.cancel();
  stream_.Close(status);
}

}  // namespace paddock::rpc
