// Frames between an engine and the helper that has a database of SQLite open:
// docs/protocol/sql-helper.md, where each limit here is explained.
//
// Used by engines/helper and by the helper program. Each side takes the other for hostile.
// Threading: one thread. Fails with kInvalid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace paddock::sqlite_helper {

inline constexpr std::uint16_t kVersion = 1;

inline constexpr std::size_t kHeaderBytes = 5;
inline constexpr std::size_t kPathBytesMax = 4'095;
inline constexpr std::size_t kColumnsMax = 2'000;
inline constexpr std::size_t kNameBytesMax = 1'024;
inline constexpr std::size_t kMessageBytesMax = 16'384;
inline constexpr std::size_t kRowBytesMax = std::size_t{16} * 1024 * 1024;  // of one row's text
// A statement as long as sql::kStatementBytesMax, and the few words before it that ask for a plan.
inline constexpr std::size_t kTextBytesMax = (std::size_t{1024} + 1) * 1024;
// A batch that was not full, and one row more.
inline constexpr std::size_t kPayloadBytesMax = kRowBytesMax + (std::size_t{256} * 1024);

enum class FrameType : std::uint8_t {
  kOpen = 0x01,
  kExecute = 0x02,
  kCancel = 0x03,
  kOpened = 0x81,
  kRefused = 0x82,
  kColumns = 0x83,
  kRows = 0x84,
  kComplete = 0x85,
  kError = 0x86,
};

enum class Sender : std::uint8_t { kEngine, kHelper };

/// `payload` is a view into the reader that gave it.
struct Frame {
  FrameType type = FrameType::kOpen;
  std::string_view payload;
};

/// Appends a header whose length is not known yet, and says where it stands.
[[nodiscard]] std::size_t BeginFrame(std::string& out, FrameType type);
/// Writes the length of all that was appended since. It must fit (checked: a caller's bug aborts).
void EndFrame(std::string& out, std::size_t begin);

/// Cuts a stream into frames. It holds what has come and a little more, so a length that is said
/// and does not come costs nothing.
class FrameReader {
 public:
  static constexpr std::size_t kSpaceBytesMin = std::size_t{16} * 1024;

  /// `sender` is the other side.
  explicit FrameReader(Sender sender) : sender_(sender) {}

  /// Where the next bytes go. Frames given before are gone then.
  [[nodiscard]] std::span<char> Space();
  void Commit(std::size_t count);

  /// The next whole frame; none when more bytes are needed. After a failure the stream is beyond
  /// repair.
  [[nodiscard]] Result<std::optional<Frame>> Next();

 private:
  Sender sender_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // the first byte not given out
  std::size_t end_ = 0;    // behind the last byte that came
};

}  // namespace paddock::sqlite_helper
