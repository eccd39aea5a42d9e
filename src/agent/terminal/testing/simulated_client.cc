#include "agent/terminal/testing/simulated_client.h"

#include <algorithm>
#include <variant>

#include "agent/terminal/utf8.h"

namespace paddock::agent::terminal::testing {

namespace wire = protocol::terminal;

void SimulatedClient::Connect(Hub::TimePoint now) {
  viewer_ = hub_.Open();
  input_known_ = false;
  std::string message;
  wire::Append(message, wire::Attach{.resume = started_,
                                     .own = options_.own,
                                     .watch = options_.watch,
                                     .column_count = options_.size.column_count,
                                     .row_count = options_.size.row_count,
                                     .offset = next_,
                                     .limit = options_.window,
                                     .client = client_});
  Send(message, now);
}

void SimulatedClient::Send(std::string_view message, Hub::TimePoint now) {
  if (viewer_.has_value()) {
    hub_.OnMessage(*viewer_, message, now);
  }
}

void SimulatedClient::Type(std::string_view bytes, Hub::TimePoint now) {
  typed_ += bytes;
  SendInput(now);
}

void SimulatedClient::SendInput(Hub::TimePoint now) {
  if (!viewer_.has_value() || !input_known_ || sent_ >= typed_.size()) {
    return;
  }
  std::string message;
  wire::Append(message, wire::Input{.sequence = sent_,
                                    .bytes = std::string_view(typed_).substr(sent_, 65'536)});
  sent_ = std::min<std::uint64_t>(typed_.size(), sent_ + 65'536);
  Send(message, now);
}

bool SimulatedClient::Pump(std::size_t count, std::size_t read_count, Hub::TimePoint now) {
  bool did_anything = false;
  for (; viewer_.has_value() && count > 0; --count) {
    const auto message = hub_.Next(*viewer_, message_size_max);
    if (!message.has_value()) {
      break;
    }
    wire_.push_back(message->Joined());
    did_anything = true;
  }
  for (; read_count > 0 && !wire_.empty(); --read_count) {
    const std::string message = std::move(wire_.front());
    wire_.pop_front();
    did_anything = true;
    Read(message);
    if (credit && attached.has_value()) {
      std::string grant;
      wire::Append(grant, wire::Credit{.limit = next_ + options_.window});
      Send(grant, now);
    }
    SendInput(now);
  }
  return did_anything;
}

void SimulatedClient::PumpAll(Hub::TimePoint now) {
  while (Pump(SIZE_MAX, SIZE_MAX, now)) {
  }
}

void SimulatedClient::Cut(Hub::TimePoint now) {
  if (viewer_.has_value()) {
    hub_.Close(*viewer_, now);
    viewer_.reset();
  }
  wire_.clear();
}

void SimulatedClient::Read(std::string_view message) {
  const auto parsed = wire::ParseFromTerminal(message);
  if (!parsed.has_value()) {
    problems.emplace_back("malformed message");
    return;
  }
  if (const auto* const hello = std::get_if<wire::Attached>(&*parsed); hello != nullptr) {
    attached = *hello;
    started_ = true;
    taken_ = sent_ = hello->input;
    input_known_ = true;
    if (reset_count_ == 0 && received_.shown.empty()) {
      next_ = received_.start = hello->offset;
    }
  } else if (const auto* const output = std::get_if<wire::Output>(&*parsed); output != nullptr) {
    OnOutput(*output);
  } else if (const auto* const reset = std::get_if<wire::Reset>(&*parsed); reset != nullptr) {
    received_ = {.start = reset->offset, .prelude = std::string(reset->bytes), .shown = {}};
    next_ = reset->offset;
    ++reset_count_;
  } else if (const auto* const acked = std::get_if<wire::Taken>(&*parsed); acked != nullptr) {
    taken_ = std::max(taken_, acked->sequence);
  } else if (const auto* const now_size = std::get_if<wire::Size>(&*parsed); now_size != nullptr) {
    size = *now_size;
  } else if (const auto* const end = std::get_if<wire::Exit>(&*parsed); end != nullptr) {
    exit = *end;
    if (end->offset != next_) {
      problems.emplace_back("EXIT before the last byte");
    }
  } else if (const auto* const pong = std::get_if<wire::Pong>(&*parsed); pong != nullptr) {
    pongs.push_back(pong->token);
  } else if (const auto* const notice = std::get_if<wire::Notice>(&*parsed); notice != nullptr) {
    notices.emplace_back(notice->text);
  } else if (const auto* const error = std::get_if<wire::Error>(&*parsed); error != nullptr) {
    failure = error->code;
  }
}

void SimulatedClient::OnOutput(const wire::Output& output) {
  if (output.offset != next_) {
    problems.emplace_back("OUTPUT that does not follow the byte before it");
    return;
  }
  received_.shown += output.bytes;
  next_ += output.bytes.size();
}

}  // namespace paddock::agent::terminal::testing
