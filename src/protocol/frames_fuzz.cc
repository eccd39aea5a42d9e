// Feeds arbitrary bytes to FrameReader and every decoder of both directions, and checks that what
// a decoder accepts is encoded to something that it accepts again, as the same value.

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "protocol/answers.h"
#include "protocol/control.h"
#include "protocol/requests.h"

namespace paddock::protocol {
namespace {

std::string_view PayloadOf(const std::string& frame) {
  return std::string_view(frame).substr(kFrameHeaderBytes);
}

void DecodeAnswers(std::string_view payload) {
  std::string out;
  if (const auto outcome = DecodeOutcome(payload)) {
    AppendOutcome(out, 1, *outcome);
    PADDOCK_CHECK(PayloadOf(out) == payload);
  }
  out.clear();
  if (const auto file = DecodeFile(payload)) {
    AppendFile(out, 1, FrameType::kReady, *file);
    PADDOCK_CHECK(PayloadOf(out) == payload);
  }
  out.clear();
  if (const auto stats = DecodeStats(payload)) {
    AppendStats(out, 1, *stats);
    PADDOCK_CHECK(PayloadOf(out) == payload);
  }
  out.clear();
  if (const auto terminal = DecodeTerminal(payload)) {
    AppendTerminal(out, 1, *terminal);
    PADDOCK_CHECK(DecodeTerminal(PayloadOf(out)).has_value());
  }
  static_cast<void>(DecodeFiles(payload));
  static_cast<void>(DecodeTerminals(payload));
  static_cast<void>(DecodeListEnd(payload));
  static_cast<void>(DecodeProcessId(payload));
}

void DecodeAll(const Frame& frame) {
  static_cast<void>(DecodeHello(frame.payload));
  static_cast<void>(DecodeWindow(frame.payload));
  static_cast<void>(DecodeSignal(frame.payload));
  if (const auto error = DecodeError(frame.payload)) {
    std::string out;
    AppendError(out, 1, *error);
    PADDOCK_CHECK(DecodeError(PayloadOf(out))->message == error->message);
  }
  if (const auto open = DecodeOpen(frame.payload)) {
    std::string out;
    PADDOCK_CHECK(AppendOpen(out, 1, *open).has_value());
    PADDOCK_CHECK(PayloadOf(out) == frame.payload);
  }
  DecodeAnswers(frame.payload);
}

void Read(std::string_view bytes, Sender sender, std::size_t step) {
  FrameReader reader(sender);
  while (!bytes.empty()) {
    const auto space = reader.Space();
    const auto count = std::min({space.size(), bytes.size(), step});
    PADDOCK_CHECK(count > 0);
    std::memcpy(space.data(), bytes.data(), count);
    bytes.remove_prefix(count);
    reader.Commit(count);
    for (;;) {
      const auto frame = reader.Next();
      if (!frame) {
        return;
      }
      if (!*frame) {
        break;
      }
      DecodeAll(**frame);
    }
  }
}

}  // namespace
}  // namespace paddock::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace protocol = paddock::protocol;
  if (size < 2) {
    return 0;
  }
  const std::string bytes(data + 2, data + size);
  using enum protocol::Sender;
  protocol::Read(bytes, (data[0] & 1U) != 0 ? kClient : kAgent, std::size_t{data[1]} + 1);
  // Without the framing, so that the fuzzer reaches every decoder at once.
  protocol::DecodeAll({1, protocol::FrameType::kOpen, bytes});
  return 0;
}
