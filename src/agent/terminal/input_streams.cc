#include "agent/terminal/input_streams.h"

#include <algorithm>
#include <iterator>

namespace paddock::agent::terminal {

std::expected<std::string_view, InputStreams::Refusal> InputStreams::Take(
    const ClientId& client,
    std::uint64_t sequence,
    std::string_view bytes,
    const std::function<bool(const ClientId&)>& is_needed) {
  const auto found = std::ranges::find(streams_, client, &Stream::client);
  const std::uint64_t expected = found == streams_.end() ? 0 : found->expected;
  if (sequence > expected) {
    return std::unexpected(Refusal::kGap);
  }
  const std::uint64_t known = expected - sequence;
  if (known >= bytes.size()) {
    return std::string_view();
  }
  bytes.remove_prefix(static_cast<std::size_t>(known));
  if (found == streams_.end()) {
    if (streams_.size() >= kClientCountMax) {
      ForgetOne(is_needed);
    }
    streams_.push_front({.client = client, .expected = 0});
  } else {
    streams_.splice(streams_.begin(), streams_, found);
  }
  streams_.front().expected = expected + bytes.size();
  return bytes;
}

void InputStreams::ForgetOne(const std::function<bool(const ClientId&)>& is_needed) {
  const auto from_last = std::ranges::find_if(
      streams_.rbegin(), streams_.rend(),
      [&is_needed](const Stream& stream) { return !is_needed(stream.client); });
  if (from_last != streams_.rend()) {
    streams_.erase(std::next(from_last).base());
  }
}

std::uint64_t InputStreams::Expected(const ClientId& client) const noexcept {
  const auto found = std::ranges::find(streams_, client, &Stream::client);
  return found == streams_.end() ? 0 : found->expected;
}

}  // namespace paddock::agent::terminal
