// A hub with hostile viewers and a hostile program, both made of arbitrary bytes: memory stays
// bounded, every message is well-formed, and output is contiguous.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/terminal/hub.h"
#include "base/check.h"

namespace paddock::agent::terminal {
namespace {

constexpr std::size_t kViewerCount = 4;

class World {
 public:
  explicit World(std::string_view script) : script_(script) {}

  void Run() {
    while (!script_.empty()) {
      Step();
      now_ += std::chrono::milliseconds(7);
      if (hub_.wake_at().has_value() && *hub_.wake_at() <= now_) {
        hub_.OnTimer(now_);
      }
    }
    for (auto& viewer : viewers_) {
      Drain(viewer, SIZE_MAX);
    }
  }

 private:
  struct Viewer {
    std::optional<ViewerId> id;
    std::optional<std::uint64_t> next;  // where OUTPUT has to go on
  };

  std::uint8_t Byte() {
    if (script_.empty()) {
      return 0;
    }
    const auto byte = static_cast<std::uint8_t>(script_.front());
    script_.remove_prefix(1);
    return byte;
  }
  std::string_view Bytes(std::size_t count) {
    const std::string_view bytes = script_.substr(0, count);
    script_.remove_prefix(bytes.size());
    return bytes;
  }

  void Step() {
    const std::uint8_t code = Byte();
    Viewer& viewer = viewers_.at((code >> 4U) % kViewerCount);
    switch (code & 7U) {
      case 0:
        if (!viewer.id.has_value()) {
          viewer.id = hub_.Open();
          viewer.next.reset();
        }
        break;
      case 1: Say(viewer, Bytes(Byte() % 48U)); break;
      case 2: Attach(viewer); break;
      case 3: Print(Bytes(Byte())); break;
      case 4: Drain(viewer, Byte()); break;
      case 5:
        if (viewer.id.has_value()) {
          hub_.Close(*viewer.id, now_);
          viewer.id.reset();
        }
        break;
      case 6: hub_.OnInputWritten(std::min<std::size_t>(Byte(), hub_.input().size())); break;
      default: Flood(Byte());
    }
    while (hub_.TakeResize().has_value()) {
    }
  }

  void Say(const Viewer& viewer, std::string_view message) {
    if (viewer.id.has_value() && hub_.wants_message(*viewer.id)) {
      hub_.OnMessage(*viewer.id, message, now_);
    }
  }

  void Attach(const Viewer& viewer) {
    protocol::terminal::Attach attach;
    const std::uint8_t flags = Byte();
    attach.resume = (flags & 1U) != 0;
    attach.own = (flags & 2U) != 0;
    attach.watch = (flags & 4U) != 0;
    attach.offset = std::uint64_t{Byte()} * 100;
    attach.limit = std::uint64_t{Byte()} * 64;
    attach.client[0] = static_cast<char>(flags >> 5U);
    std::string message;
    protocol::terminal::Append(message, attach);
    Say(viewer, message);
  }

  void Print(std::string_view bytes) {
    bytes = bytes.substr(0, hub_.output_room());
    if (!bytes.empty()) {
      hub_.OnOutput(bytes, now_);
    }
  }

  void Flood(std::uint8_t byte) { Print(std::string(hub_.output_room(), static_cast<char>(byte))); }

  void Drain(Viewer& viewer, std::size_t size_max) {
    if (!viewer.id.has_value()) {
      return;
    }
    for (int count = 0; count < 1000; ++count) {
      const auto message = hub_.Next(*viewer.id, size_max < 64 ? size_max * 8 : size_max * 64);
      if (!message.has_value()) {
        return;
      }
      Check(viewer, message->Joined());
    }
    PADDOCK_CHECK(false);  // a hub that never runs dry
  }

  static void Check(Viewer& viewer, const std::string& message) {
    const auto parsed = protocol::terminal::ParseFromTerminal(message);
    PADDOCK_CHECK(parsed.has_value());
    if (const auto* const hello = std::get_if<protocol::terminal::Attached>(&*parsed)) {
      PADDOCK_CHECK(!viewer.next.has_value());
      viewer.next = hello->offset;
    } else if (const auto* const reset = std::get_if<protocol::terminal::Reset>(&*parsed)) {
      PADDOCK_CHECK(viewer.next.has_value() && reset->offset >= *viewer.next);
      viewer.next = reset->offset;
    } else if (const auto* const output = std::get_if<protocol::terminal::Output>(&*parsed)) {
      PADDOCK_CHECK(viewer.next == output->offset);
      *viewer.next += output->bytes.size();
    }
  }

  std::string_view script_;
  Hub::TimePoint now_{std::chrono::hours(1)};
  Hub hub_{WindowSize{}, 4096};
  std::array<Viewer, kViewerCount> viewers_;
};

}  // namespace
}  // namespace paddock::agent::terminal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string script(data, data + size);
  paddock::agent::terminal::World(script).Run();
  return 0;
}
