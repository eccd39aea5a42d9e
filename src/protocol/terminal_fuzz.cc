// Feeds arbitrary messages to both parsers; what one accepts must be built to bytes that it parses
// again, and to the same bytes unless a size was clamped.

#include <type_traits>

#include "base/check.h"
#include "protocol/terminal_messages.h"

namespace paddock::protocol::terminal {
namespace {

template <class Parse>
void RoundTrip(std::string_view bytes, Parse parse) {
  const auto parsed = parse(bytes);
  if (!parsed) {
    return;
  }
  std::string built;
  std::visit([&built](const auto& message) { Append(built, message); }, *parsed);
  const auto again = parse(std::string_view(built));
  PADDOCK_CHECK(again.has_value());
  std::string twice;
  std::visit([&twice](const auto& message) { Append(twice, message); }, *again);
  PADDOCK_CHECK(built == twice);
  PADDOCK_CHECK(built.size() == bytes.size() || built[0] == '\x88' || built[0] == '\x89');
}

void Clamp(std::string message) {
  if (ParseFromViewer(message)) {
    ClampLimit(message, 1000);
    PADDOCK_CHECK(ParseFromViewer(message).has_value());
  }
}

}  // namespace
}  // namespace paddock::protocol::terminal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace terminal = paddock::protocol::terminal;
  const std::string bytes(data, data + size);
  terminal::RoundTrip(bytes, terminal::ParseFromViewer);
  terminal::RoundTrip(bytes, terminal::ParseFromTerminal);
  terminal::Clamp(bytes);
  return 0;
}
