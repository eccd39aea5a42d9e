#include "protocol/frame.h"

#include <algorithm>
#include <cstring>

#include <gtest/gtest.h>

#include "protocol/control.h"

namespace paddock::protocol {
namespace {

struct Received {
  ChannelId channel;
  FrameType type;
  std::string payload;
  friend bool operator==(const Received&, const Received&) = default;
};

// Feeds `bytes` in pieces of `step` and collects the frames; stops at the first failure.
Result<std::vector<Received>> Collect(FrameReader& reader,
                                      std::string_view bytes,
                                      std::size_t step) {
  std::vector<Received> frames;
  while (!bytes.empty()) {
    const auto space = reader.Space();
    const auto count = std::min({space.size(), bytes.size(), step});
    std::memcpy(space.data(), bytes.data(), count);
    bytes.remove_prefix(count);
    reader.Commit(count);
    for (;;) {
      auto frame = reader.Next();
      if (!frame) {
        return Fail(std::move(frame).error());
      }
      if (!*frame) {
        break;
      }
      frames.push_back({(*frame)->channel, (*frame)->type, std::string((*frame)->payload)});
    }
  }
  return frames;
}

std::string Mixed(std::vector<Received>& sent) {
  std::string bytes;
  for (unsigned i = 1; i <= 40; ++i) {
    const std::size_t size = i % 4 == 0 ? kPayloadBytesMax : (i * 37) % 5000 + 1;
    const std::string payload(size, static_cast<char>('a' + i % 26));
    sent.push_back({i, FrameType::kData, payload});
    AppendFrame(bytes, i, FrameType::kData, payload);
  }
  return bytes;
}

TEST(FrameReaderTest, FramesComeOutWholeHoweverTheBytesAreCut) {
  std::vector<Received> sent;
  const auto bytes = Mixed(sent);
  for (const std::size_t step : {1UL, 7UL, 4096UL, 70'000UL, 10'000'000UL}) {
    FrameReader reader(Sender::kClient);
    auto frames = Collect(reader, bytes, step);
    ASSERT_TRUE(frames) << frames.error().message;
    EXPECT_TRUE(*frames == sent) << "step " << step;
  }
}

TEST(FrameReaderTest, ABadHeaderFailsBeforeItsPayloadIsAwaited) {
  FrameReader reader(Sender::kAgent);
  char header[kFrameHeaderBytes] = {};
  header[0] = 0x7f;  // 2 GiB
  header[7] = 1;
  header[8] = 0x21;
  auto frames = Collect(reader, std::string_view(header, sizeof(header)), 100);
  ASSERT_FALSE(frames);
  EXPECT_EQ(frames.error().code, Code::kInvalid);
  EXPECT_LE(reader.capacity(), FrameReader::kReaderBytesMin);
}

TEST(FrameReaderTest, TheBufferGrowsForBulkAndShrinksWhenLittleComes) {
  FrameReader reader(Sender::kClient);
  std::string bulk;
  for (int i = 0; i < 8; ++i) {
    AppendFrame(bulk, 1, FrameType::kData, std::string(kPayloadBytesMax, 'x'));
  }
  ASSERT_TRUE(Collect(reader, bulk, bulk.size()));
  EXPECT_EQ(reader.capacity(), FrameReader::kReaderBytesMax);
  std::string little;
  AppendFrame(little, 1, FrameType::kData, "x");
  ASSERT_TRUE(Collect(reader, little, little.size()));
  static_cast<void>(reader.Space());
  EXPECT_EQ(reader.capacity(), FrameReader::kReaderBytesMin);
}

TEST(ControlTest, AnErrorsMessageIsPrintableOnBothSides) {
  std::string out;
  AppendError(out, 1,
              {.code = Code::kNotFound,
               .message = "a\x1b[31m\xff\n\xc2\x9b"
                          "b\xc3\xa9"});
  const auto decoded = DecodeError(std::string_view(out).substr(kFrameHeaderBytes));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->message, std::string("a?[31m") + std::string(3, '?') + "b\xc3\xa9");

  std::string hostile("\x01\x00\x03\x1b\xff!", 6);
  EXPECT_EQ(DecodeError(hostile)->message, std::string(2, '?') + "!");
}

TEST(ControlTest, ALongErrorIsCutBetweenCharacters) {
  std::string message;
  while (message.size() < 2 * kErrorTextBytesMax) {
    message += "\xe4\xbd\xa0";
  }
  std::string out;
  AppendError(out, 1, {.code = Code::kInternal, .message = message});
  const auto decoded = DecodeError(std::string_view(out).substr(kFrameHeaderBytes));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->message, message.substr(0, kErrorTextBytesMax / 3 * 3));
}

}  // namespace
}  // namespace paddock::protocol
