#include "rpc/dialled_stream.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "rpc/status.h"

namespace paddock::rpc {

DialledStream::DialledStream(boost::asio::any_io_executor executor, Events events)
    : executor_(std::move(executor)), events_(std::move(events)) {}

void DialledStream::Open(node::v1::Node::Stub& node, const SandboxId& id) {
  self_ = shared_from_this();
  outgoing.set_connect(id.value());
  node.async()->Connect(&context_, this);
  AddHold();
  is_held_ = true;
  StartRead(&received);
  StartWrite(&outgoing);
  StartCall();
}

template <class Step>
void DialledStream::OnLoop(Step step) {
  boost::asio::post(executor_, [self = shared_from_this(), step] { step(*self); });
}

void DialledStream::OnReadDone(bool ok) {
  OnLoop([ok](DialledStream& self) { self.HasRead(ok); });
}

void DialledStream::OnWriteDone(bool ok) {
  OnLoop([ok](DialledStream& self) { self.HasWritten(ok); });
}

// Locals only after the post: the loop may let go of the last reference at once, and whoever waits
// for `released` may end the loop.
void DialledStream::OnDone(const grpc::Status& status) {
  const auto executor = executor_;
  const auto released = std::move(events_.released);
  boost::asio::post(executor,
                    [self = std::exchange(self_, nullptr), status] { self->HasEnded(status); });
  released();
}

void DialledStream::HasRead(bool ok) {
  if (pump_) {
    pump_->OnRead(ok);
  } else if (ok && received.connected()) {
    is_connected_ = true;
    changed_.NotifyAll();
  } else if (ok) {
    Close({});  // it makes no sense
  }
  if (!ok) {
    LetGo();
  }
}

void DialledStream::HasWritten(bool ok) {
  if (pump_) {
    pump_->OnWritten(ok);
  } else {
    has_asked_ = ok;
    changed_.NotifyAll();
  }
}

void DialledStream::HasEnded(const grpc::Status& status) {
  status_ = status;
  is_over_ = true;
  pump_.reset();
  changed_.NotifyAll();
  events_.over();
}

aio::Task<Result<UniqueFd>> DialledStream::AwaitConnected(std::shared_ptr<DialledStream> stream,
                                                          Deadline deadline) {
  while (!stream->is_over_ && !(stream->is_connected_ && stream->has_asked_)) {
    auto woken = co_await stream->changed_.Wait(deadline);
    if (!woken) {
      stream->Close({});
      co_return Fail(std::move(woken).error());
    }
  }
  if (!stream->is_over_) {
    co_return stream->StartPump();
  }
  if (stream->status_.ok()) {
    co_return Fail(Code::kInternal, "the node's answer makes no sense");
  }
  co_return Fail(FromStatus(stream->status_).With("node"));
}

Result<UniqueFd> DialledStream::StartPump() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
    const int error = errno;
    Close({});
    return Fail(Code::kExhausted, fmt::format("stream to an agent: {}", strerrordesc_np(error)));
  }
  UniqueFd local(ends[0]);
  UniqueFd callers(ends[1]);
  outgoing.Clear();
  pump_ = std::make_shared<StreamPump>(executor_, *this, StreamPump::Side::kServer);
  auto started = pump_->Start(std::move(local));
  if (!started) {
    Close({});
    return Fail(std::move(started).error());
  }
  return callers;
}

void DialledStream::Abandon() {
  if (const auto pump = std::exchange(pump_, nullptr)) {
    pump->Stop({});
  }
  Close({});
}

void DialledStream::Read() {
  if (is_held_) {
    StartRead(&received);
  }
}

void DialledStream::Write() {
  if (is_held_) {
    StartWrite(&outgoing);
  }
}

// The status is the node's to give.
void DialledStream::Close(const grpc::Status& /*status*/) {
  if (is_held_) {
    context_.TryCancel();
    LetGo();
  }
}

void DialledStream::LetGo() {
  if (std::exchange(is_held_, false)) {
    RemoveHold();
  }
}

}  // namespace paddock::rpc
