// Feeds arbitrary bytes to both sides' readers and decoders, and checks that what a decoder accepts
// is written as the same bytes, or reads the same again.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/check.h"
#include "sqlite_helper/protocol/messages.h"

namespace paddock::sqlite_helper {
namespace {

constexpr std::size_t kColumnCount = 3;

void CheckSame(const std::string& frame, std::string_view payload) {
  PADDOCK_CHECK(std::string_view(frame).substr(kHeaderBytes) == payload);
}

void DecodeEngine(const Frame& frame) {
  std::string out;
  if (const auto open = DecodeOpen(frame.payload); open && frame.type == FrameType::kOpen) {
    AppendOpen(out, *open);
    CheckSame(out, frame.payload);
  }
  out.clear();
  if (const auto execute = DecodeExecute(frame.payload);
      execute && frame.type == FrameType::kExecute) {
    AppendExecute(out, *execute);
    CheckSame(out, frame.payload);
  }
  static_cast<void>(DecodeCancel(frame.payload));
}

void DecodeHelper(const Frame& frame) {
  std::string out;
  if (const auto columns = DecodeColumns(frame.payload)) {
    AppendColumns(out, *columns);
    CheckSame(out, frame.payload);
  }
  out.clear();
  if (const auto rows = DecodeRows(frame.payload, kColumnCount)) {
    PADDOCK_CHECK(rows->row_count() >= 1);
    AppendRows(out, *rows);
    CheckSame(out, frame.payload);
  }
  out.clear();
  if (const auto complete = DecodeComplete(frame.payload)) {
    AppendComplete(out, *complete);
    CheckSame(out, frame.payload);
  }
  out.clear();
  if (const auto error = DecodeError(frame.payload)) {
    AppendError(out, *error);
    PADDOCK_CHECK(DecodeError(std::string_view(out).substr(kHeaderBytes))->error.message ==
                  error->error.message);
  }
  static_cast<void>(DecodeOpened(frame.payload));
  static_cast<void>(DecodeRefused(frame.payload));
}

// The stream comes in pieces of `piece` bytes.
void ReadAll(std::string_view stream, Sender sender, std::size_t piece) {
  FrameReader reader(sender);
  while (!stream.empty()) {
    const auto space = reader.Space();
    const auto count = std::min({piece, stream.size(), space.size()});
    std::memcpy(space.data(), stream.data(), count);
    reader.Commit(count);
    stream.remove_prefix(count);
    for (;;) {
      const auto frame = reader.Next();
      if (!frame) {
        return;
      }
      if (!frame->has_value()) {
        break;
      }
      sender == Sender::kEngine ? DecodeEngine(**frame) : DecodeHelper(**frame);
    }
  }
}

}  // namespace
}  // namespace paddock::sqlite_helper

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace paddock::sqlite_helper;  // NOLINT(google-build-using-namespace): a whole program
  // The fuzzer's bytes are text here.
  const std::string_view stream(reinterpret_cast<const char*>(bytes), size);  // NOLINT
  for (const auto sender : {Sender::kEngine, Sender::kHelper}) {
    ReadAll(stream, sender, size);
    ReadAll(stream, sender, 7);
  }
  DecodeHelper({.type = FrameType::kRows, .payload = stream});
  return 0;
}
