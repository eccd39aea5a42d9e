// The program's side, time, and who owns the size. Messages: hub_receive.cc and hub_send.cc.
#include "agent/terminal/hub.h"

#include <algorithm>
#include <utility>

#include "agent/terminal/utf8.h"
#include "agent/terminal/viewer.h"
#include "base/check.h"

namespace paddock::agent::terminal {

std::string OutgoingMessage::Joined() const {
  std::string joined;
  joined.reserve(size());
  joined.append(head).append(body[0]).append(body[1]);
  return joined;
}

Hub::Hub(WindowSize size, std::size_t ring_size_max) : ring_(ring_size_max), size_(size) {}

Hub::~Hub() = default;

std::size_t Hub::output_room() const noexcept {
  if (exit_.has_value()) {
    return 0;
  }
  // Half the ring may lie before the viewer that is furthest on, half stays behind it: what it was
  // sent may have been lost on the way, and it asks for that again when it comes back.
  const std::uint64_t ahead_max = ring_.size_max() / 2;
  const auto room_of = [&](std::uint64_t position) -> std::uint64_t {
    const std::uint64_t ahead = ring_.end() - position;
    return ahead < ahead_max ? ahead_max - ahead : 0;
  };
  bool is_watched = false;
  std::uint64_t room = 0;
  for (const auto& [id, viewer] : viewers_) {
    if (viewer->attached()) {
      is_watched = true;
      if (viewer->limit > ring_.end()) {
        room = std::max(room, room_of(viewer->position));
      }
    }
  }
  if (!is_watched) {
    room = grace_ends_at_.has_value() ? room_of(followed_to_) : ahead_max;
  }
  return static_cast<std::size_t>(std::min<std::uint64_t>(room, kReadSizeMax));
}

void Hub::OnOutput(std::string_view bytes, TimePoint now) {
  PADDOCK_CHECK(bytes.size() <= ring_.size_max() && !exit_.has_value());
  now_ = now;
  for (const std::string_view piece : ring_.PushedOutBy(bytes.size())) {
    tail_modes_.Feed(piece);
  }
  ring_.Append(bytes);
  std::string last;
  for (std::uint64_t offset = ring_.end() - std::min<std::uint64_t>(ring_.end() - ring_.begin(), 3);
       offset < ring_.end(); ++offset) {
    last += static_cast<char>(ring_.At(offset));
  }
  partial_size_ = PartialCharacterSize(last);
  partial_ends_at_.reset();
  if (partial_size_ != 0) {
    partial_ends_at_ = now + kPartialCharacterHold;
  }
}

void Hub::OnExit(ExitStatus status) {
  exit_ = status;
  partial_size_ = 0;
  partial_ends_at_.reset();
  grace_ends_at_.reset();
  nudge_ends_at_.reset();
  pending_input_.clear();
  input_size_ = 0;
  front_written_ = 0;
  for (const auto& [id, viewer] : viewers_) {
    viewer->input_pending = 0;
  }
}

std::string_view Hub::input() const noexcept {
  if (pending_input_.empty()) {
    return {};
  }
  return std::string_view(pending_input_.front().bytes).substr(front_written_);
}

void Hub::OnInputWritten(std::size_t count) {
  while (count > 0 && !pending_input_.empty()) {
    PendingInput& front = pending_input_.front();
    const std::size_t taken = std::min(count, front.bytes.size() - front_written_);
    count -= taken;
    input_size_ -= taken;
    front_written_ += taken;
    if (Viewer* sender = Find(front.viewer); sender != nullptr) {
      sender->input_pending -= std::min(taken, sender->input_pending);
    }
    for (const auto& [id, viewer] : viewers_) {
      viewer->taken_due =
          viewer->taken_due || (viewer->attached() && viewer->client == front.client);
    }
    if (front_written_ == front.bytes.size()) {
      pending_input_.pop_front();
      front_written_ = 0;
    }
  }
}

std::optional<WindowSize> Hub::TakeResize() noexcept {
  if (resizes_.empty()) {
    return std::nullopt;
  }
  const WindowSize size = resizes_.front();
  resizes_.pop_front();
  return size;
}

std::optional<Hub::TimePoint> Hub::wake_at() const noexcept {
  std::optional<TimePoint> first;
  for (const auto& at : {partial_ends_at_, nudge_ends_at_, grace_ends_at_}) {
    if (at.has_value() && (!first.has_value() || *at < *first)) {
      first = at;
    }
  }
  return first;
}

void Hub::OnTimer(TimePoint now) {
  now_ = now;
  if (partial_ends_at_.has_value() && now >= *partial_ends_at_) {
    partial_ends_at_.reset();
    partial_size_ = 0;
  }
  if (nudge_ends_at_.has_value() && now >= *nudge_ends_at_) {
    nudge_ends_at_.reset();
    resizes_.push_back(size_);
  }
  if (grace_ends_at_.has_value() && now >= *grace_ends_at_) {
    grace_ends_at_.reset();
  }
}

int Hub::viewer_count() const noexcept {
  return static_cast<int>(
      std::ranges::count_if(viewers_, [](const auto& entry) { return entry.second->attached(); }));
}

void Hub::MakeOwner(ViewerId id) {
  Viewer* const viewer = Find(id);
  PADDOCK_CHECK(viewer != nullptr && !viewer->watch);
  if (owner_ == id) {
    return;
  }
  if (owner_.has_value()) {
    if (Viewer* const before = Find(*owner_); before != nullptr) {
      before->size_due = true;
    }
  }
  owner_ = id;
  viewer->size_due = true;
  SetSize(viewer->size);
}

void Hub::ChooseOwner() {
  std::optional<ViewerId> best;
  std::uint64_t best_activity = 0;
  for (const auto& [id, viewer] : viewers_) {
    if (viewer->attached() && !viewer->watch && viewer->activity >= best_activity) {
      best = id;
      best_activity = viewer->activity;
    }
  }
  owner_.reset();
  if (best.has_value()) {
    MakeOwner(*best);
  }
}

void Hub::SetSize(WindowSize size) {
  if (size == size_) {
    return;
  }
  size_ = size;
  resizes_.assign(1, size);
  nudge_ends_at_.reset();
  for (const auto& [id, viewer] : viewers_) {
    viewer->size_due = viewer->size_due || (viewer->attached() && owner_ != id);
  }
}

void Hub::Nudge() {
  const bool is_resized = !resizes_.empty();
  if (is_resized || nudge_ends_at_.has_value() || exit_.has_value() || now_ < nudge_allowed_at_) {
    return;
  }
  WindowSize other = size_;
  other.row_count = static_cast<std::uint16_t>(size_.row_count > 1 ? size_.row_count - 1 : 2);
  resizes_.push_back(other);
  nudge_ends_at_ = now_ + kNudgePause;
  nudge_allowed_at_ = now_ + kNudgeInterval;
}

Viewer* Hub::Find(ViewerId id) noexcept {
  const auto found = viewers_.find(id);
  return found == viewers_.end() ? nullptr : found->second.get();
}

const Viewer* Hub::Find(ViewerId id) const noexcept {
  const auto found = viewers_.find(id);
  return found == viewers_.end() ? nullptr : found->second.get();
}

}  // namespace paddock::agent::terminal
