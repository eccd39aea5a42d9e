// Tar headers: POSIX ustar with pax records, and GNU long names when reading.
//
// Pure functions over bytes; what is read is hostile. Sizes are in bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace paddock::agent::files {

inline constexpr std::size_t kTarBlockBytes = 512;

enum class TarKind : char {
  kFile = '0',
  kHardLink = '1',
  kSymlink = '2',
  kDirectory = '5',
  kPax = 'x',
  kPaxGlobal = 'g',
  kGnuLongName = 'L',
  kGnuLongLink = 'K',
  kOther = '?',  // a device, a FIFO, or something unheard of
};

struct TarHeader {
  std::string name;
  TarKind kind = TarKind::kFile;
  std::uint32_t mode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t size = 0;
  std::int64_t modified_at = 0;  // seconds since 1970
  std::string link_target;
};

/// Zeros after `size` bytes that fill the last block.
[[nodiscard]] constexpr std::size_t TarPadding(std::uint64_t size) {
  return static_cast<std::size_t>((kTarBlockBytes - size % kTarBlockBytes) % kTarBlockBytes);
}

/// Appends the blocks of one header, with a pax header before it when something does not fit.
void AppendTarHeader(std::string& out, const TarHeader& header);

/// Reads one block; nothing for a block of zeros. Fails with kInvalid (no tar header).
[[nodiscard]] Result<std::optional<TarHeader>> ParseTarHeader(std::string_view block);

/// What a pax header says of the entry that follows it; other records are of no use here.
struct PaxRecords {
  std::optional<std::string> name;
  std::optional<std::string> link_target;
  std::optional<std::uint64_t> size;
};
/// Fails with kInvalid.
[[nodiscard]] Result<PaxRecords> ParsePaxRecords(std::string_view text);

}  // namespace paddock::agent::files
