// What viewers are sent.
#include <algorithm>
#include <utility>

#include "agent/terminal/hub.h"
#include "agent/terminal/utf8.h"
#include "agent/terminal/viewer.h"
#include "base/check.h"

namespace paddock::agent::terminal {
namespace {

namespace wire = protocol::terminal;

template <class Message>
OutgoingMessage Whole(const Message& message) {
  OutgoingMessage out;
  wire::Append(out.head, message);
  return out;
}

std::string_view Explain(wire::Failure failure) {
  switch (failure) {
    case wire::Failure::kInputGap: return "input out of sequence";
    case wire::Failure::kTooManyViewers: return "too many viewers";
    case wire::Failure::kReplaced: return "the same client attached again";
    default: return "not a message of this protocol";
  }
}

}  // namespace

std::optional<OutgoingMessage> Hub::Next(ViewerId id, std::size_t size_max) {
  Viewer* const viewer = Find(id);
  if (viewer == nullptr) {
    return std::nullopt;
  }
  if (size_max >= kControlSizeMax) {
    if (auto message = NextControl(id, *viewer); message.has_value()) {
      return message;
    }
  }
  const bool has_begun = viewer->attached() && !viewer->attached_due && !viewer->reset.has_value();
  return has_begun ? NextOutput(*viewer, size_max) : std::nullopt;
}

bool Hub::is_finished(ViewerId id) const {
  const Viewer* const viewer = Find(id);
  return viewer != nullptr && viewer->stage == Viewer::Stage::kFinished;
}

std::optional<OutgoingMessage> Hub::NextControl(ViewerId id, Viewer& viewer) {
  if (viewer.stage == Viewer::Stage::kFailed) {
    viewer.stage = Viewer::Stage::kFinished;
    return Whole(wire::Error{.code = viewer.failure, .text = Explain(viewer.failure)});
  }
  if (!viewer.attached()) {
    return std::nullopt;
  }
  if (std::exchange(viewer.attached_due, false)) {
    viewer.size_due = false;
    return Whole(wire::Attached{.owner = owner_ == id,
                                .exited = exit_.has_value(),
                                .column_count = size_.column_count,
                                .row_count = size_.row_count,
                                .offset = viewer.position,
                                .live = viewer.live,
                                .input = viewer.input_expected});
  }
  CatchUp(viewer);
  if (viewer.reset.has_value()) {
    const std::string bytes = *std::exchange(viewer.reset, std::nullopt);
    return Whole(wire::Reset{.offset = viewer.position, .bytes = bytes});
  }
  if (!viewer.pongs.empty()) {
    const std::uint64_t token = viewer.pongs.front();
    viewer.pongs.pop_front();
    return Whole(wire::Pong{.token = token});
  }
  if (std::exchange(viewer.size_due, false)) {
    return Whole(wire::Size{
        .owner = owner_ == id, .column_count = size_.column_count, .row_count = size_.row_count});
  }
  if (std::exchange(viewer.taken_due, false)) {
    return Whole(wire::Taken{.sequence = TakenBy(viewer.client)});
  }
  if (!viewer.notices.empty()) {
    OutgoingMessage out{.head = std::move(viewer.notices.front()), .body = {}};
    viewer.notices.pop_front();
    return out;
  }
  if (exit_.has_value() && viewer.position == ring_.end()) {
    viewer.stage = Viewer::Stage::kFinished;
    return Whole(
        wire::Exit{.offset = ring_.end(), .signalled = exit_->by_signal, .value = exit_->value});
  }
  return std::nullopt;
}

std::optional<OutgoingMessage> Hub::NextOutput(Viewer& viewer, std::size_t size_max) {
  if (viewer.position < ring_.begin() || size_max <= protocol::kOutputHeaderBytes) {
    return std::nullopt;
  }
  const std::uint64_t stop = std::min(ring_.end() - partial_size_, viewer.limit);
  if (stop <= viewer.position) {
    return std::nullopt;
  }
  auto count = std::min<std::uint64_t>({stop - viewer.position, protocol::kTerminalBytesMax,
                                        size_max - protocol::kOutputHeaderBytes});
  const std::uint64_t end = viewer.position + count;
  if (end < ring_.end() && IsContinuation(ring_.At(end))) {
    // The cut may fall into a character, which then goes into the next message whole.
    std::string last;
    for (std::uint64_t offset = end - std::min<std::uint64_t>(count, 3); offset < end; ++offset) {
      last += static_cast<char>(ring_.At(offset));
    }
    count -= PartialCharacterSize(last);
  }
  if (count == 0) {
    return std::nullopt;
  }
  OutgoingMessage out;
  out.head.resize(protocol::kOutputHeaderBytes);
  wire::StoreOutputHeader(
      std::span<char, protocol::kOutputHeaderBytes>(out.head.data(), out.head.size()),
      viewer.position);
  out.body = ring_.View(viewer.position, count);
  viewer.position += count;
  return out;
}

/// A viewer whose next byte has left the ring goes on at the tail, once it reads at all.
void Hub::CatchUp(Viewer& viewer) {
  if (viewer.position >= ring_.begin() || viewer.limit <= viewer.position) {
    return;
  }
  FreshStart start = MakeFreshStart();
  const std::uint64_t skipped = start.offset - viewer.position;
  viewer.limit = std::min(viewer.limit + skipped, protocol::kOffsetEnd - 1);
  viewer.position = start.offset;
  viewer.reset = std::move(start.bytes);
}

Hub::FreshStart Hub::MakeFreshStart() {
  ModeTracker tracker = tail_modes_;
  std::uint64_t boundary = ring_.begin();
  for (const std::string_view piece : ring_.View(ring_.begin(), ring_.size_max())) {
    const std::size_t before = tracker.FeedToBoundary(piece);
    boundary += std::min(before, piece.size());
    if (before != ModeTracker::npos) {
      break;
    }
  }
  FreshStart start{.offset = boundary, .bytes = tracker.Restore()};
  for (const std::string_view piece : ring_.View(boundary, ring_.size_max())) {
    tracker.Feed(piece);
  }
  if (tracker.modes().full_screen()) {
    Nudge();
  }
  return start;
}

std::uint64_t Hub::TakenBy(const ClientId& client) const noexcept {
  std::uint64_t pending = 0;
  for (const PendingInput& piece : pending_input_) {
    pending += piece.client == client ? piece.bytes.size() : 0;
  }
  if (!pending_input_.empty() && pending_input_.front().client == client) {
    pending -= front_written_;
  }
  const std::uint64_t expected = streams_.Expected(client);
  return expected > pending ? expected - pending : 0;
}

}  // namespace paddock::agent::terminal
