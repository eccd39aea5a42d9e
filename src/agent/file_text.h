// Small files of the kernel and of the image, read whole with a limit.
//
// Threading: any. The learner may have put anything at a path inside the sandbox, so nothing here
// waits for a FIFO or a device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace paddock::agent {

inline constexpr std::size_t kSmallFileMax = 65'536;

/// At most `size_max` bytes of the regular file at `path` (seen from directory `at`); nothing when
/// it cannot be opened or is no regular file.
[[nodiscard]] std::optional<std::string> ReadSmallFile(int at,
                                                       const char* path,
                                                       std::size_t size_max = kSmallFileMax);

/// Writes `text` in one write(2), as the kernel's control files want it.
[[nodiscard]] bool WriteControlFile(int at, const char* path, std::string_view text);

/// A decimal number at the start of `text`; nothing when there is none or it does not fit.
[[nodiscard]] std::optional<std::uint64_t> ParseNumber(std::string_view text);

/// The piece of `text` before the first `separator`, which is taken off `text` with it.
[[nodiscard]] std::string_view TakeUntil(std::string_view& text, char separator);

/// The number that a control file holds, or the one behind `key` in a file of lines like
/// "usage_usec 123"; nothing when it cannot be read.
[[nodiscard]] std::optional<std::uint64_t> ReadNumber(int at, const char* path);
[[nodiscard]] std::optional<std::uint64_t> ReadKey(int at, const char* path, std::string_view key);

}  // namespace paddock::agent
