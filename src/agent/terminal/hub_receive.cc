// What viewers send.
#include <algorithm>
#include <utility>
#include <variant>

#include "agent/terminal/hub.h"
#include "agent/terminal/viewer.h"
#include "base/check.h"

namespace paddock::agent::terminal {
namespace {

using protocol::terminal::Failure;

constexpr std::uint64_t kOffsetMax = protocol::kOffsetEnd - 1;

}  // namespace

ViewerId Hub::Open() {
  const ViewerId id = next_viewer_++;
  viewers_.emplace(id, std::make_unique<Viewer>());
  return id;
}

void Hub::Close(ViewerId id, TimePoint now) {
  now_ = now;
  const auto found = viewers_.find(id);
  if (found == viewers_.end()) {
    return;
  }
  const std::unique_ptr<Viewer> viewer = std::move(found->second);
  viewers_.erase(found);
  if (owner_ == id) {
    ChooseOwner();
  }
  if (viewer->attached() && viewer_count() == 0 && !exit_.has_value()) {
    followed_to_ = std::max(viewer->position, ring_.begin());
    grace_ends_at_ = now + kReconnectGrace;
  }
}

bool Hub::wants_message(ViewerId id) const {
  const Viewer* const viewer = Find(id);
  if (viewer == nullptr || !viewer->attached()) {
    return true;  // what comes is dropped, or is ATTACH
  }
  // Not "less than": a client that keeps to the limit is always read, for its CREDIT comes behind
  // its input.
  return viewer->input_pending <= kInputPendingMax && input_size_ <= kInputTotalMax &&
         pending_input_.size() < kInputPieceCountMax && viewer->pongs.size() < kPongCountMax;
}

void Hub::OnMessage(ViewerId id, std::string_view message, TimePoint now) {
  now_ = now;
  Viewer* const viewer = Find(id);
  if (viewer == nullptr || viewer->stage == Viewer::Stage::kFailed ||
      viewer->stage == Viewer::Stage::kFinished) {
    return;
  }
  const auto parsed = protocol::terminal::ParseFromViewer(message);
  if (!parsed.has_value()) {
    FailViewer(id, *viewer, Failure::kProtocol);
    return;
  }
  const auto* const attach = std::get_if<protocol::terminal::Attach>(&*parsed);
  if ((attach != nullptr) == viewer->attached()) {
    FailViewer(id, *viewer, Failure::kProtocol);  // a second ATTACH, or something before the first
    return;
  }
  if (attach != nullptr) {
    OnAttach(id, *viewer, *attach);
  } else {
    OnAttachedMessage(id, *viewer, *parsed);
  }
}

void Hub::OnAttach(ViewerId id, Viewer& viewer, const protocol::terminal::Attach& message) {
  const bool was_owner = Replace(message.client, id);
  if (viewer_count() >= protocol::kViewerCountMax) {
    FailViewer(id, viewer, Failure::kTooManyViewers);
    return;
  }
  viewer.stage = Viewer::Stage::kAttached;
  viewer.attached_due = true;
  viewer.watch = message.watch;
  viewer.client = message.client;
  viewer.size = {.column_count = message.column_count, .row_count = message.row_count};
  viewer.activity = ++activity_count_;
  viewer.live = ring_.end();
  viewer.input_expected = streams_.Expected(message.client);
  grace_ends_at_.reset();
  const bool wants_all = !message.resume && ring_.begin() == 0;
  const bool can_resume =
      message.resume && message.offset >= ring_.begin() && message.offset <= ring_.end();
  if (!viewer.watch && (message.own || was_owner || !owner_.has_value())) {
    MakeOwner(id);
  } else if (was_owner) {  // and wants to watch from now on
    ChooseOwner();
  }
  if (wants_all || can_resume) {
    viewer.position = wants_all ? 0 : message.offset;
  } else {
    FreshStart start = MakeFreshStart();
    viewer.position = start.offset;
    viewer.reset = std::move(start.bytes);
  }
  viewer.limit = std::min(viewer.position + message.limit, kOffsetMax);
}

void Hub::OnAttachedMessage(ViewerId id,
                            Viewer& viewer,
                            const protocol::terminal::ViewerMessage& message) {
  namespace wire = protocol::terminal;
  if (const auto* const input = std::get_if<wire::Input>(&message); input != nullptr) {
    OnInput(id, viewer, *input);
  } else if (const auto* const credit = std::get_if<wire::Credit>(&message); credit != nullptr) {
    viewer.limit = std::max(viewer.limit, std::min(credit->limit, kOffsetMax));
  } else if (const auto* const resize = std::get_if<wire::Resize>(&message); resize != nullptr) {
    viewer.size = {.column_count = resize->column_count, .row_count = resize->row_count};
    if (owner_ == id) {
      SetSize(viewer.size);
    }
  } else if (std::holds_alternative<wire::Own>(message)) {
    if (!viewer.watch) {
      MakeOwner(id);
    }
  } else if (const auto* const ping = std::get_if<wire::Ping>(&message); ping != nullptr) {
    if (viewer.pongs.size() < kPongCountMax) {
      viewer.pongs.push_back(ping->token);
    }
  }
}

void Hub::OnInput(ViewerId id, Viewer& viewer, const protocol::terminal::Input& message) {
  if (viewer.watch || exit_.has_value()) {
    return;
  }
  const auto fresh =
      streams_.Take(viewer.client, message.sequence, message.bytes,
                    [this](const ClientId& client) { return NeedsStreamOf(client); });
  if (!fresh.has_value()) {
    FailViewer(id, viewer, Failure::kInputGap);
    return;
  }
  viewer.activity = ++activity_count_;
  if (fresh->empty()) {
    viewer.taken_due = true;  // it was not heard the first time
    return;
  }
  viewer.input_pending += fresh->size();
  input_size_ += fresh->size();
  if (!pending_input_.empty() && pending_input_.back().viewer == id &&
      pending_input_.back().bytes.size() < kInputPieceMax) {
    pending_input_.back().bytes += *fresh;
  } else {
    pending_input_.push_back({.client = viewer.client, .viewer = id, .bytes = std::string(*fresh)});
  }
}

// A client that is there counts on from what it has sent; what waits for the PTY is told as TAKEN.
bool Hub::NeedsStreamOf(const ClientId& client) const {
  return std::ranges::any_of(viewers_,
                             [&client](const auto& entry) {
                               return entry.second->attached() && entry.second->client == client;
                             }) ||
         std::ranges::find(pending_input_, client, &PendingInput::client) != pending_input_.end();
}

/// A tab that reconnects may find its own dead connection still there: it takes that one's place.
/// True when it was the owner.
bool Hub::Replace(const ClientId& client, ViewerId by) {
  bool was_owner = false;
  for (const auto& [id, viewer] : viewers_) {
    if (id != by && viewer->attached() && viewer->client == client) {
      if (owner_ == id) {
        was_owner = true;
        owner_.reset();
      }
      FailViewer(id, *viewer, Failure::kReplaced);
    }
  }
  return was_owner;
}

void Hub::FailViewer(ViewerId id, Viewer& viewer, Failure code) {
  viewer.stage = Viewer::Stage::kFailed;
  viewer.failure = code;
  if (owner_ == id) {
    ChooseOwner();
  }
}

void Hub::Notice(protocol::terminal::Severity severity, std::string_view text) {
  std::string message;
  protocol::terminal::Append(message,
                             protocol::terminal::Notice{.severity = severity, .text = text});
  for (const auto& [id, viewer] : viewers_) {
    if (viewer->attached()) {
      if (viewer->notices.size() == kNoticeCountMax) {
        viewer->notices.pop_front();
      }
      viewer->notices.push_back(message);
    }
  }
}

}  // namespace paddock::agent::terminal
