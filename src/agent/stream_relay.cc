#include "agent/stream_relay.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace paddock::agent {

namespace {

constexpr std::size_t kReadMax = 64U << 10U;
constexpr int kReadsPerTurn = 4;

bool IsForLater(int error) { return error == EAGAIN || error == EINTR; }

}  // namespace

StreamRelay::StreamRelay(Loop& loop, UniqueFd one, UniqueFd other, std::function<void()> on_end)
    : loop_(loop),
      on_end_(std::move(on_end)),
      one_{.opposite = &other_, .socket = std::move(one), .waiting = {}, .watch = {}},
      other_{.opposite = &one_, .socket = std::move(other), .waiting = {}, .watch = {}} {
  Arrange(one_);
  Arrange(other_);
}

void StreamRelay::OnEvents(Side& side, std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) {
    const auto waiting = std::exchange(side.waiting, {});
    Write(side, waiting);
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
    Read(side);
  }
  PassEnd(one_);
  PassEnd(other_);
  Arrange(one_);
  Arrange(other_);
  if (one_.is_told && other_.is_told && on_end_) {
    std::exchange(on_end_, {})();
  }
}

void StreamRelay::Read(Side& side) {
  Side& opposite = *side.opposite;
  std::array<char, kReadMax> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  for (int i = 0; i < kReadsPerTurn && !side.has_ended && side.opposite->waiting.empty(); ++i) {
    const auto got = recv(side.socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0 && IsForLater(errno)) {
      return;
    }
    if (got <= 0) {
      side.has_ended = true;
      return;
    }
    Write(opposite, {bytes.data(), static_cast<std::size_t>(got)});
    if (static_cast<std::size_t>(got) < bytes.size()) {
      return;
    }
  }
}

// Who takes no more ends the way to it; what it has said itself is still read.
void StreamRelay::Write(Side& side, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent =
        send(side.socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) {
      continue;
    }
    if (sent < 0 && errno == EAGAIN) {
      side.waiting = bytes;
      return;
    }
    if (sent < 0) {
      side.opposite->has_ended = true;
      return;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void StreamRelay::PassEnd(Side& side) {
  if (side.opposite->has_ended && side.waiting.empty() && !std::exchange(side.is_told, true)) {
    (void)shutdown(side.socket.get(), SHUT_WR);
  }
}

// Whom nothing is wanted of is not watched at all: that it has hung up would come again and again.
void StreamRelay::Arrange(Side& side) {
  const bool may_read = !side.has_ended && side.opposite->waiting.empty();
  const std::uint32_t events =
      (may_read ? EPOLLIN : 0U) | (side.waiting.empty() ? 0U : static_cast<unsigned>(EPOLLOUT));
  if (events == 0) {
    side.watch.Reset();
  } else if (side.watch) {
    side.watch.SetEvents(events);
  } else {
    side.watch = loop_.Add(side.socket.get(), events,
                           [this, &side](std::uint32_t what) { OnEvents(side, what); });
  }
}

}  // namespace paddock::agent
