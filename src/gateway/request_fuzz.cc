// Feeds arbitrary bytes to everything that reads a client before a handler does: head, target,
// router, chunks, JSON bodies and WebSocket frames; and checks what they promise.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/utf8.h"
#include "gateway/chunk_decoder.h"
#include "gateway/json_body.h"
#include "gateway/request_head.h"
#include "gateway/router.h"
#include "gateway/target.h"
#include "gateway/websocket_frame.h"

namespace paddock::gateway {
namespace {

constexpr int kHeaderCountMax = 20;
constexpr std::size_t kMessageBytesMax = 1000;

bool IsInside(std::string_view view, std::string_view whole) {
  return view.empty() ||
         (view.data() >= whole.data() && view.data() + view.size() <= whole.data() + whole.size());
}

const Router& SomeRouter() {
  static Router router;
  static const bool filled = [] {
    for (const char* pattern : {"/api/{id}", "/api/{id}/files", "/api/new", "/"}) {
      Route route;
      route.pattern = pattern;
      route.access = Access::kPublic;
      route.answer = [](Request& request) { return StatusResponse(request, 200, "here"); };
      router.Add(std::move(route));
    }
    return true;
  }();
  PADDOCK_CHECK(filled);
  return router;
}

void CheckTarget(std::string_view text) {
  const auto target = DecodeTarget(text);
  if (!target) {
    return;
  }
  const std::string& path = target->path;
  PADDOCK_CHECK(path.starts_with('/') && IsValidUtf8(path));
  PADDOCK_CHECK(path.find('\0') == std::string::npos && path.find("//") == std::string::npos);
  const std::string closed = path + '/';
  PADDOCK_CHECK(closed.find("/../") == std::string::npos &&
                closed.find("/./") == std::string::npos);
  for (const auto& [name, value] : SomeRouter().Find(Method::kGet, path).parameters) {
    PADDOCK_CHECK(!value.empty() && value.find('/') == std::string::npos);
  }
}

void CheckHead(std::string_view bytes) {
  const std::size_t end = FindHeadEnd(bytes, 0);
  if (end == std::string_view::npos) {
    return;
  }
  const std::string_view text = bytes.substr(0, end);
  RequestHead head;
  if (!ParseHead(text, kHeaderCountMax, head)) {
    return;
  }
  PADDOCK_CHECK(!(head.chunked && head.content_length.has_value()));
  PADDOCK_CHECK(head.http_1_0 || !head.host.empty());
  PADDOCK_CHECK(head.headers.size() <= kHeaderCountMax);
  PADDOCK_CHECK(IsInside(head.target, text) && IsInside(head.host, text));
  for (const HeaderView& header : head.headers) {
    PADDOCK_CHECK(IsInside(header.name, text) && IsInside(header.value, text));
    PADDOCK_CHECK(header.value.find_first_of(std::string_view("\r\n\0", 3)) ==
                  std::string_view::npos);
  }
  CheckTarget(head.target);
}

/// However the bytes are cut, the outcome is the same.
void CheckChunks(std::string_view bytes, std::size_t cut) {
  ChunkDecoder whole;
  std::string out_whole;
  const auto used_whole = whole.Decode(bytes, out_whole);
  ChunkDecoder parts;
  std::string out_parts;
  auto used = parts.Decode(bytes.substr(0, cut), out_parts);
  if (used && !parts.done()) {
    used = parts.Decode(bytes.substr(cut), out_parts);
  }
  PADDOCK_CHECK(used.has_value() == used_whole.has_value());
  PADDOCK_CHECK(out_parts == out_whole && parts.done() == whole.done());
}

void CheckFrames(std::string_view bytes, std::size_t cut) {
  FrameDecoder decoder(kMessageBytesMax);
  for (std::string_view part : {bytes.substr(0, cut), bytes.substr(cut)}) {
    while (!part.empty()) {
      const std::size_t before = part.size();
      const auto event = decoder.Decode(part);
      if (event == FrameDecoder::Event::kError || event == FrameDecoder::Event::kClose) {
        return;
      }
      if (event == FrameDecoder::Event::kMessage) {
        const Message message = decoder.TakeMessage();
        PADDOCK_CHECK(message.data.size() <= kMessageBytesMax);
        PADDOCK_CHECK(message.kind == MessageKind::kBinary || IsValidUtf8(message.data));
      }
      PADDOCK_CHECK(decoder.control_payload().size() <= kControlBytesMax);
      PADDOCK_CHECK(part.size() < before);
    }
  }
}

void CheckJson(std::string_view bytes) {
  auto body = JsonBody::Parse(bytes);
  if (!body) {
    return;
  }
  JsonObject root = body->root();
  const std::int64_t number = root.Integer("n", 5, 1, 9);
  PADDOCK_CHECK(number >= 1 && number <= 9);
  PADDOCK_CHECK(root.OptionalText("t", TextRule{.bytes_max = 3}).value_or("").size() <= 3);
  PADDOCK_CHECK(root.TextMap("m", 2, TextRule{}, TextRule{}).size() <= 2);
  std::ignore = root.Object("o").OptionalTexts("a", 0, 4, TextRule{});
  std::ignore = body->Finish();
}

}  // namespace
}  // namespace paddock::gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace paddock::gateway;  // NOLINT(google-build-using-namespace): the entry point
  if (size < 2) {
    return 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto cut = std::min<std::size_t>(data[1], bytes.size());
  switch (data[0] % 6) {
    case 0: CheckHead(bytes); break;
    case 1: CheckHead("GET " + std::string(bytes)); break;
    case 2: CheckTarget(bytes); break;
    case 3: CheckChunks(bytes, cut); break;
    case 4: CheckFrames(bytes, cut); break;
    default: CheckJson(bytes); break;
  }
  return 0;
}
