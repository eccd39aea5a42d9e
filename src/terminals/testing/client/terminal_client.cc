#include "terminals/testing/client/terminal_client.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "protocol/limits.h"

namespace paddock::terminals::testing {
namespace {

namespace wire = protocol::terminal;

/// Of docs/protocol/terminal.md: INPUT beyond the last TAKEN.
constexpr std::uint64_t kFlightMax = 131'072;

template <class Message>
std::string Bytes(const Message& message) {
  std::string bytes;
  wire::Append(bytes, message);
  return bytes;
}

}  // namespace

Result<void> TerminalClient::Attach(std::unique_ptr<MessageStream> stream, Deadline deadline) {
  stream_ = std::move(stream);
  live_ = false;
  auto sent = stream_->Send(Bytes(wire::Attach{.resume = started_,
                                               .own = options_.own,
                                               .watch = options_.watch,
                                               .column_count = options_.column_count,
                                               .row_count = options_.row_count,
                                               .offset = next_,
                                               .limit = options_.window,
                                               .client = options_.name}));
  while (sent && !live_) {
    sent = Step(deadline);
  }
  return sent;
}

Result<void> TerminalClient::Type(std::string_view bytes) {
  unsent_ += bytes;
  return SendInput();
}

Result<void> TerminalClient::Resize(std::uint16_t column_count, std::uint16_t row_count) {
  options_.column_count = column_count;
  options_.row_count = row_count;
  return stream_->Send(Bytes(wire::Resize{.column_count = column_count, .row_count = row_count}));
}

Result<void> TerminalClient::SendInput() {
  while (live_ && sent_ < taken_ + std::min<std::uint64_t>(unsent_.size(), kFlightMax)) {
    const auto until = std::min<std::uint64_t>(
        {taken_ + unsent_.size(), taken_ + kFlightMax, sent_ + protocol::kTerminalBytesMax});
    const std::string_view bytes = std::string_view(unsent_).substr(sent_ - taken_, until - sent_);
    auto sent = stream_->Send(Bytes(wire::Input{.sequence = sent_, .bytes = bytes}));
    if (!sent) {
      return sent;
    }
    sent_ = until;
  }
  return {};
}

Result<void> TerminalClient::Step(Deadline deadline) {
  auto bytes = stream_->Receive(deadline);
  if (!bytes) {
    return Fail(std::move(bytes).error());
  }
  auto message = wire::ParseFromTerminal(*bytes);
  if (!message) {
    return Fail(Code::kInternal, "a malformed message");
  }
  return Handle(*message);
}

Result<void> TerminalClient::Handle(const wire::TerminalMessage& message) {
  if (const auto* const output = std::get_if<wire::Output>(&message)) {
    if (!live_ || output->offset != next_) {
      return Fail(Code::kInternal, "OUTPUT does not follow the byte before it");
    }
    sink_(output->bytes);
    next_ += output->bytes.size();
    return Grant();
  }
  if (const auto* const attached = std::get_if<wire::Attached>(&message)) {
    return OnAttached(*attached);
  }
  if (const auto* const taken = std::get_if<wire::Taken>(&message)) {
    if (taken->sequence > sent_) {
      return Fail(Code::kInternal, "TAKEN of what was not sent");
    }
    if (taken->sequence > taken_) {
      unsent_.erase(0, taken->sequence - taken_);
      taken_ = taken->sequence;
    }
    return SendInput();
  }
  if (const auto* const reset = std::get_if<wire::Reset>(&message)) {
    next_ = reset->offset;
    ++reset_count_;
    return Grant();
  }
  if (const auto* const exit = std::get_if<wire::Exit>(&message)) {
    exit_ = *exit;
    return exit->offset == next_ ? Result<void>() : Fail(Code::kInternal, "EXIT came too early");
  }
  if (const auto* const error = std::get_if<wire::Error>(&message)) {
    failure_ = error->code;
    return Fail(Code::kCancelled, std::string(error->text));
  }
  return {};
}

Result<void> TerminalClient::OnAttached(const wire::Attached& attached) {
  attached_ = attached;
  live_ = true;
  if (!started_) {
    next_ = attached.offset;
    started_ = true;
  }
  if (attached.input < taken_ || attached.input > taken_ + unsent_.size()) {
    return Fail(Code::kInternal, "the terminal lost count of the input");
  }
  unsent_.erase(0, attached.input - taken_);
  taken_ = sent_ = attached.input;
  granted_ = attached.offset + options_.window;
  return SendInput();
}

Result<void> TerminalClient::Grant() {
  const std::uint64_t limit = next_ + options_.window;
  if (limit < granted_ + (options_.window / 4)) {
    return {};
  }
  granted_ = limit;
  return stream_->Send(Bytes(wire::Credit{.limit = limit}));
}

}  // namespace paddock::terminals::testing
