#include "terminals/relay_rules.h"

#include <algorithm>
#include <variant>

#include "protocol/limits.h"
#include "protocol/terminal_messages.h"

namespace paddock::terminals {
namespace {

namespace wire = protocol::terminal;

constexpr std::uint64_t kOffsetMax = protocol::kOffsetEnd - 1;
constexpr std::uint64_t kAheadMax = protocol::kViewerAheadBytesMax;
/// What the server holds back is granted in steps of this, not for every message that was taken.
constexpr std::uint64_t kGrantStep = std::uint64_t{64} << 10U;
constexpr std::uint16_t kErrorCloseBase = 4000;

}  // namespace

RelayRules::ViewerAction RelayRules::OnViewer(std::string& message) {
  const auto parsed = wire::ParseFromViewer(message);
  if (!parsed.has_value()) {
    return ViewerAction::kBroken;
  }
  const auto* const attach = std::get_if<wire::Attach>(&*parsed);
  if ((attach != nullptr) != (stage_ == Stage::kNew)) {
    return ViewerAction::kBroken;
  }
  if (attach != nullptr) {
    stage_ = Stage::kAttaching;
    window_ = attach->limit;
    wire::ClampLimit(message, kAheadMax);
    return ViewerAction::kForward;
  }
  if (const auto* const credit = std::get_if<wire::Credit>(&*parsed); credit != nullptr) {
    viewer_limit_ = std::max(viewer_limit_, credit->limit);
    return ViewerAction::kNone;  // TakeCreditDue() says what becomes of it
  }
  return std::holds_alternative<wire::Resize>(*parsed) ? ViewerAction::kResize
                                                       : ViewerAction::kForward;
}

RelayRules::AgentAction RelayRules::OnAgent(std::string_view message) {
  const auto parsed = wire::ParseFromTerminal(message);
  if (!parsed.has_value() || stage_ == Stage::kNew || stage_ == Stage::kOver) {
    return AgentAction::kBroken;
  }
  if (const auto* const error = std::get_if<wire::Error>(&*parsed); error != nullptr) {
    stage_ = Stage::kOver;
    close_code_ =
        static_cast<std::uint16_t>(kErrorCloseBase + static_cast<std::uint16_t>(error->code));
    return AgentAction::kForwardLast;
  }
  const auto* const attached = std::get_if<wire::Attached>(&*parsed);
  if ((attached != nullptr) != (stage_ == Stage::kAttaching)) {
    return AgentAction::kBroken;
  }
  if (attached != nullptr) {
    stage_ = Stage::kAttached;
    next_ = delivered_ = attached->offset;
    granted_ = std::min(next_ + std::min(window_, kAheadMax), kOffsetMax);
    viewer_limit_ = std::max(viewer_limit_, std::min(next_ + window_, kOffsetMax));
    return AgentAction::kForward;
  }
  if (const auto* const output = std::get_if<wire::Output>(&*parsed); output != nullptr) {
    return OnOutput(output->offset, output->bytes.size());
  }
  if (const auto* const reset = std::get_if<wire::Reset>(&*parsed); reset != nullptr) {
    if (reset->offset < next_) {
      return AgentAction::kBroken;
    }
    const std::uint64_t skipped = reset->offset - next_;
    next_ = reset->offset;
    granted_ = std::min(granted_ + skipped, kOffsetMax);
    viewer_limit_ = std::min(viewer_limit_ + skipped, kOffsetMax);
    delivered_ = std::min(delivered_ + skipped, kOffsetMax);
    return AgentAction::kForward;
  }
  if (const auto* const exit = std::get_if<wire::Exit>(&*parsed); exit != nullptr) {
    stage_ = Stage::kOver;
    return exit->offset == next_ ? AgentAction::kForwardLast : AgentAction::kBroken;
  }
  return AgentAction::kForward;
}

RelayRules::AgentAction RelayRules::OnOutput(std::uint64_t offset, std::uint64_t size) {
  if (offset != next_ || size > granted_ - std::min(granted_, next_)) {
    return AgentAction::kBroken;
  }
  next_ += size;
  return AgentAction::kOutput;
}

void RelayRules::OnDelivered(std::uint64_t offset) { delivered_ = std::max(delivered_, offset); }

std::uint64_t RelayRules::Target() const {
  return std::min({viewer_limit_, delivered_ + kAheadMax, kOffsetMax});
}

bool RelayRules::IsCreditDue() const {
  const std::uint64_t target = Target();
  return stage_ == Stage::kAttached && target > granted_ &&
         (target - granted_ >= kGrantStep || target == viewer_limit_);
}

std::optional<std::uint64_t> RelayRules::TakeCreditDue() {
  if (!IsCreditDue()) {
    return std::nullopt;
  }
  granted_ = Target();
  return granted_;
}

}  // namespace paddock::terminals
