// The half of Connection that watches over time, and that tells what happened.

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "gateway/connection.h"

namespace paddock::gateway {
namespace {

constexpr std::chrono::seconds kHandlerGrace{5};  // from its cancellation to a complaint

}  // namespace

void Connection::Expire() {
  if (!expired_) {
    context_.metrics.timeouts_total.Add();
  }
  expired_ = true;
  transport_.Cancel();
}

bool Connection::WritesToPeer() const { return writing_ || (events_ && events_->sending()); }

/// A reader that takes a byte now and then would hold what its answer holds, an agent's channel
/// say, for days. Only the time in which it is waited for counts.
bool Connection::IsTooSlow() {
  const Limits& limits = context_.config.limits;
  if (!writing_) {
    return false;
  }
  waited_ += limits.sweep_interval;
  if (waited_ < limits.progress_time_max) {
    return false;
  }
  const std::chrono::duration<double> waited = std::exchange(waited_, {});
  const std::uint64_t moved = transport_.moved_bytes();
  const std::uint64_t taken = moved - std::exchange(waited_bytes_, moved);
  return static_cast<double>(taken) < waited.count() * limits.answer_rate_min;
}

/// Counted from the first sweep that saw the peer being waited for.
bool Connection::MadeProgress() {
  const bool waits_for_peer = WritesToPeer() || body_.waiting();
  if (!waits_for_peer || transport_.moved_bytes() != progress_bytes_) {
    progress_bytes_ = transport_.moved_bytes();
    progress_at_ = context_.now;
  }
  return context_.now - progress_at_ <= context_.config.limits.progress_time_max;
}

void Connection::SweepHandler() {
  const auto deadline = request_.deadline.when();
  const bool left = !handler_late_ && !body_.waiting() && transport_.PeerGone();
  if (!handler_late_ && (context_.now > deadline || left)) {
    // Whatever the handler waits for fails with kCancelled; it undoes its work and returns.
    handler_late_ = true;
    client_left_ = left;
    stage_deadline_ = context_.now + kHandlerGrace;
    context_.metrics.timeouts_total.Add();
    scope_.Cancel();
  } else if (handler_late_ && context_.now > stage_deadline_) {
    log::Write(log::Level::kError, "a handler does not heed its cancellation",
               {{"request_id", request_.id}, {"route", request_.route}});
    stage_deadline_ = context_.now + context_.config.limits.idle_time_max;
    scope_.Cancel();
  }
}

void Connection::Sweep() {
  if (is_done_) {
    return;
  }
  switch (stage_) {
    case Stage::kHandshake:
    case Stage::kIdle:
    case Stage::kHead:
    case Stage::kLinger:
      if (context_.now > stage_deadline_) {
        Expire();
      }
      return;
    case Stage::kHandler:
      if (!MadeProgress()) {
        body_.Expire();
        Expire();
      }
      SweepHandler();
      return;
    case Stage::kAnswer:
      if (!MadeProgress() || IsTooSlow()) {
        Expire();
      }
      return;
    case Stage::kEvents:
      events_->Sweep();
      if (!MadeProgress()) {
        Expire();
        scope_.Cancel();
      } else if (transport_.PeerGone()) {
        scope_.Cancel();
      }
      return;
    case Stage::kWebSocket: websocket_->Sweep(); return;
  }
}

void Connection::Drain() {
  switch (stage_) {
    case Stage::kIdle: transport_.Cancel(); return;
    case Stage::kEvents:
    case Stage::kWebSocket: scope_.Cancel(); return;
    case Stage::kHandshake:
    case Stage::kHead:
    case Stage::kHandler:
    case Stage::kAnswer:
    case Stage::kLinger: return;
  }
}

void Connection::Abort() {
  expired_ = true;
  scope_.Cancel();
  transport_.Abort();
}

void Connection::Record(int status) {
  ServerMetrics& metrics = context_.metrics;
  if (status == 0) {
    metrics.bytes_total.Add(transport_.moved_bytes());
    return;
  }
  const std::size_t status_class =
      status >= 100 && status < 600 ? static_cast<std::size_t>(status / 100) : 0;
  metrics.requests_by_class[status_class]->Add();
  const auto took = Clock::now() - started_at_;
  metrics.request_seconds.Observe(std::chrono::duration<double>(took).count());
  const AccessLog wanted = context_.config.access_log;
  if (wanted == AccessLog::kNone || (wanted == AccessLog::kErrors && status < 400)) {
    return;
  }
  // The query is left out: it may hold a one-time ticket.
  const std::string_view target = request_.target;
  const fmt::format_int status_text(status);
  const fmt::format_int took_text(
      std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  log::Write(log::Level::kInfo, "request",
             {{"request_id", request_.id},
              {"method", request_.target.empty() ? "" : Name(request_.method)},
              {"path", target.substr(0, target.find('?'))},
              {"route", request_.route},
              {"status", {status_text.data(), status_text.size()}},
              {"duration_us", {took_text.data(), took_text.size()}},
              {"remote", request_.remote_address},
              {"user", request_.caller ? request_.caller->user().value() : ""}});
}

}  // namespace paddock::gateway
