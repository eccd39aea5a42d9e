#include "rpc/served_stream.h"

#include <utility>

#include <boost/asio/post.hpp>

#include "rpc/status.h"

namespace paddock::rpc {

std::shared_ptr<ServedStream> ServedStream::Make(boost::asio::any_io_executor executor,
                                                 Events events) {
  const std::shared_ptr<ServedStream> made(
      new ServedStream(std::move(executor), std::move(events)));  // NOLINT: private constructor
  made->self_ = made;
  return made;
}

ServedStream::ServedStream(boost::asio::any_io_executor executor, Events events)
    : executor_(std::move(executor)), events_(std::move(events)) {}

template <class Step>
void ServedStream::OnLoop(Step step) {
  boost::asio::post(executor_, [self = shared_from_this(), step] { step(*self); });
}

void ServedStream::OnReadDone(bool ok) {
  OnLoop([ok](ServedStream& self) { self.HasRead(ok); });
}

void ServedStream::OnWriteDone(bool ok) {
  OnLoop([ok](ServedStream& self) {
    if (self.pump_) {
      self.pump_->OnWritten(ok);
    }
  });
}

void ServedStream::OnCancel() {
  OnLoop([](ServedStream& self) {
    self.Stop({.code = Code::kCancelled, .message = "the caller is gone"});
  });
}

// From here on gRPC knows nothing of it; the loop lets go of the last reference.
void ServedStream::OnDone() {
  const auto executor = executor_;
  boost::asio::post(executor, [self = std::exchange(self_, nullptr)] {
    self->pump_.reset();
    self->events_.over(self);
  });
}

void ServedStream::HasRead(bool ok) {
  if (pump_) {
    pump_->OnRead(ok);
  } else if (!ok) {
    Stop({.code = Code::kCancelled, .message = "the caller is gone"});
  } else if (std::exchange(has_asked_, true) ||
             received.piece_case() != node::v1::StreamPiece::kConnect) {
    Stop({.code = Code::kInvalid, .message = "a stream begins with a sandbox's id"});
  } else {
    events_.asked(shared_from_this());
  }
}

void ServedStream::Begin(UniqueFd agent) {
  if (is_closed_) {
    return;
  }
  pump_ = std::make_shared<StreamPump>(executor_, *this, StreamPump::Side::kNode);
  outgoing.set_connected(true);
  auto started = pump_->Start(std::move(agent));
  if (!started) {
    Stop(started.error());
  }
}

void ServedStream::Stop(const Error& reason) {
  const auto status = ToStatus(reason);
  if (pump_) {
    pump_->Stop(status);
  } else {
    Close(status);
  }
}

void ServedStream::Read() {
  if (!is_closed_) {
    StartRead(&received);
  }
}

void ServedStream::Write() {
  if (!is_closed_) {
    StartWrite(&outgoing);
  }
}

void ServedStream::Close(const grpc::Status& status) {
  if (!std::exchange(is_closed_, true)) {
    Finish(status);
  }
}

}  // namespace paddock::rpc
