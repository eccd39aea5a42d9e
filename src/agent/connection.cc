#include "agent/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/check.h"

namespace paddock::agent {

namespace {

using protocol::FrameType;

// Data stops being added to the outbox here, so that no channel is far behind another's bulk.
constexpr std::size_t kOutboxDataMax = 256U << 10U;
// What is kept of the buffer once little is sent.
constexpr std::size_t kOutboxKept = 16U << 10U;
constexpr int kReadsPerTurn = 4;

std::unexpected<Error> Broken(const char* what) { return Fail(Code::kInvalid, what); }

bool IsDirect(const protocol::Open& open) {
  const auto* forward = std::get_if<protocol::ForwardRequest>(&open.request);
  return forward != nullptr && forward->is_direct;
}

}  // namespace

Connection::Connection(Loop& loop,
                       UniqueFd socket,
                       const protocol::Hello& hello,
                       Opener opener,
                       std::function<void()> on_gone)
    : loop_(loop),
      socket_(std::move(socket)),
      opener_(std::move(opener)),
      on_gone_(std::move(on_gone)),
      self_(std::make_shared<Connection*>(this)) {
  watch_ = loop_.Add(socket_.get(), EPOLLIN, [this](std::uint32_t events) { OnEvents(events); });
  protocol::AppendHello(outbox_, hello);
  Wrote();
}

// A channel that goes may have others served, a terminal's viewers say: while they are there, so is
// all that they write to, and nothing of it is sent.
Connection::~Connection() {
  gone_ = true;
  slots_.clear();
  *self_ = nullptr;
}

void Connection::OnEvents(std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) {
    Flush();
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !gone_) {
    OnReadable();
  }
}

void Connection::OnReadable() {
  for (int reads = 0; reads < kReadsPerTurn && !gone_; ++reads) {
    const auto space = reader_.Space();
    const auto got = recv(socket_.get(), space.data(), space.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
      return;
    }
    if (got <= 0) {
      Gone();
      return;
    }
    reader_.Commit(static_cast<std::size_t>(got));
    while (!gone_) {
      const auto frame = reader_.Next();
      if (!frame) {
        Break(frame.error());
      } else if (frame->has_value()) {
        OnFrame(**frame);
      } else {
        break;
      }
    }
    if (static_cast<std::size_t>(got) < space.size()) {
      return;
    }
  }
}

void Connection::OnFrame(const protocol::Frame& frame) {
  Result<void> done;
  if (becomes_stream_) {
    done = Broken("frame on a connection that becomes a stream");
  } else if (frame.type == FrameType::kHello) {
    done = OnHello(frame.payload);
  } else if (!greeted_) {
    done = Broken("no greeting");
  } else if (frame.type == FrameType::kGoAway) {
    Gone();
  } else if (frame.type == FrameType::kOpen) {
    done = OnOpen(frame);
  } else if (frame.channel > last_opened_) {
    done = Broken("frame for a channel that was never opened");
  } else {
    const auto slot = slots_.find(frame.channel);
    if (slot != slots_.end() && !slot->second.line->is_finished()) {
      done = OnChannelFrame(slot->second, frame);
    }
  }
  if (!done) {
    Break(done.error());
  }
}

Result<void> Connection::OnHello(std::string_view payload) {
  const auto hello = protocol::DecodeHello(payload);
  if (!hello) {
    return Fail(hello.error());
  }
  if (greeted_ || hello->version != protocol::kVersion) {
    return Broken(greeted_ ? "greeted twice" : "another version of the protocol");
  }
  greeted_ = true;
  return {};
}

Result<void> Connection::OnOpen(const protocol::Frame& frame) {
  if (frame.channel <= last_opened_) {
    return Broken("channel opened twice");
  }
  last_opened_ = frame.channel;
  auto open = protocol::DecodeOpen(frame.payload);
  const auto credit = open ? open->credit : 0;
  const bool is_full = slots_.size() >= static_cast<std::size_t>(protocol::kChannelCountMax);
  auto& slot = slots_[frame.channel];
  slot.line = std::make_unique<Line>(*this, frame.channel, credit);
  if (!open) {
    slot.line->FinishWith(open.error());
  } else if (is_full) {
    slot.line->FinishWith(Error{.code = Code::kExhausted, .message = "too many channels"});
  } else if (IsDirect(*open) && slots_.size() > 1) {
    slot.line->FinishWith(Error{.code = Code::kInvalid, .message = "not alone on its connection"});
  } else {
    becomes_stream_ = IsDirect(*open);
    slot.channel = opener_(*slot.line, std::move(open->request));
    PADDOCK_CHECK(slot.channel != nullptr || slot.line->is_finished());
  }
  return {};
}

Result<void> Connection::OnChannelFrame(Slot& slot, const protocol::Frame& frame) {
  auto& line = *slot.line;
  switch (frame.type) {
    case FrameType::kClose: slot.channel->OnClose(); return {};
    case FrameType::kData: return OnData(slot, frame.payload);
    case FrameType::kDataEnd:
      if (line.client_ended_ || !slot.channel->OnDataEnd()) {
        return Broken("end of data out of place");
      }
      line.client_ended_ = true;
      return {};
    case FrameType::kWindow: {
      const auto credit = protocol::DecodeWindow(frame.payload);
      if (!credit || line.send_credit_ + *credit > protocol::kCreditMax) {
        return Broken("bad credit");
      }
      line.send_credit_ += *credit;
      slot.channel->OnRoom();
      return {};
    }
    case FrameType::kSignal: {
      const auto signal = protocol::DecodeSignal(frame.payload);
      if (!signal || !slot.channel->OnSignal(*signal)) {
        return Broken("bad signal");
      }
      return {};
    }
    default: return Broken("frame out of place");
  }
}

Result<void> Connection::OnData(Slot& slot, std::string_view bytes) {
  auto& line = *slot.line;
  if (line.client_ended_ || bytes.size() > line.receive_credit_) {
    return Broken("data without credit");
  }
  line.receive_credit_ -= bytes.size();
  if (!slot.channel->OnData(bytes)) {
    return Broken("data where none is taken");
  }
  return {};
}

// The client may not hear why, when its socket is full; it finds the connection closed.
void Connection::Break(const Error& error) {
  protocol::AppendGoAway(outbox_, error);
  Flush();
  Gone();
}

std::size_t Connection::outbox_room() const {
  const auto waiting = outbox_.size() - outbox_sent_;
  return gone_ || waiting >= kOutboxDataMax ? 0 : kOutboxDataMax - waiting;
}

// Once per turn of the loop: what one event makes leaves in one system call, and at once.
void Connection::Wrote() {
  if (!flush_deferred_ && !gone_) {
    flush_deferred_ = true;
    loop_.Defer([self = self_] {
      if (*self != nullptr) {
        (*self)->flush_deferred_ = false;
        (*self)->Flush();
      }
    });
  }
}

void Connection::Drop(protocol::ChannelId id) {
  loop_.Defer([self = self_, id] {
    if (*self != nullptr) {
      (*self)->slots_.erase(id);
    }
  });
}

void Connection::Flush() {
  if (gone_) {
    return;
  }
  const auto waiting_before = outbox_.size() - outbox_sent_;
  rooms_wanted_ = rooms_wanted_ || waiting_before >= kOutboxDataMax / 2;
  while (outbox_sent_ < outbox_.size()) {
    const auto sent = send(socket_.get(), outbox_.data() + outbox_sent_,
                           outbox_.size() - outbox_sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) {
      continue;
    }
    if (sent < 0 && errno != EAGAIN) {
      Gone();
      return;
    }
    if (sent < 0) {
      break;
    }
    outbox_sent_ += static_cast<std::size_t>(sent);
  }
  if (outbox_sent_ == outbox_.size()) {
    outbox_.clear();
    outbox_sent_ = 0;
    if (outbox_.capacity() > kOutboxKept && waiting_before <= kOutboxKept) {
      outbox_.shrink_to_fit();  // bulk is over
    }
  } else if (outbox_sent_ > outbox_.size() / 2) {
    outbox_.erase(0, outbox_sent_);
    outbox_sent_ = 0;
  }
  SetEvents();
  if (rooms_wanted_ && outbox_.size() - outbox_sent_ < kOutboxDataMax / 2) {
    rooms_wanted_ = false;
    OfferRoom();
  }
}

void Connection::SetEvents() {
  const auto waiting = outbox_.size() - outbox_sent_;
  watch_.SetEvents((waiting < protocol::kOutboxBytesHigh ? EPOLLIN : 0U) |
                   (waiting > 0 ? EPOLLOUT : 0U));
}

// Each channel in turn, beginning behind the one that took the last of the room before.
void Connection::OfferRoom() {
  std::vector<protocol::ChannelId> order;
  order.reserve(slots_.size());
  for (const auto& [id, slot] : slots_) {
    order.push_back(id);
  }
  std::ranges::rotate(order, std::ranges::upper_bound(order, last_offered_));
  for (const auto id : order) {
    if (outbox_room() == 0) {
      break;
    }
    const auto slot = slots_.find(id);
    if (slot != slots_.end() && slot->second.channel && !slot->second.line->is_finished()) {
      last_offered_ = id;
      slot->second.channel->OnRoom();
    }
  }
}

UniqueFd Connection::TakeSocket() {
  Flush();
  if (!gone_ && !outbox_.empty()) {
    Gone();  // a client that does not even read the greeting
  }
  if (gone_) {
    return {};
  }
  gone_ = true;
  watch_.Reset();
  return std::move(socket_);
}

void Connection::Gone() {
  if (!gone_) {
    gone_ = true;
    watch_.Reset();
    loop_.Defer(on_gone_);
  }
}

}  // namespace paddock::agent
