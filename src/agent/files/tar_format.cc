#include "agent/files/tar_format.h"

#include <algorithm>

#include "agent/file_text.h"

namespace paddock::agent::files {

namespace {

// A field of the ustar header.
struct Field {
  std::size_t offset;
  std::size_t size;
};
constexpr Field kName{.offset = 0, .size = 100};
constexpr Field kMode{.offset = 100, .size = 8};
constexpr Field kUid{.offset = 108, .size = 8};
constexpr Field kGid{.offset = 116, .size = 8};
constexpr Field kSize{.offset = 124, .size = 12};
constexpr Field kModified{.offset = 136, .size = 12};
constexpr Field kChecksum{.offset = 148, .size = 8};
constexpr Field kKind{.offset = 156, .size = 1};
constexpr Field kLink{.offset = 157, .size = 100};
constexpr Field kMagic{.offset = 257, .size = 8};
constexpr Field kPrefix{.offset = 345, .size = 155};

constexpr std::uint64_t kOctalSizeMax = (1ULL << 33U) - 1;
constexpr std::uint32_t kOctalIdMax = (1U << 21U) - 1;

using Block = std::array<char, kTarBlockBytes>;

void PutText(Block& block, Field field, std::string_view text) {
  text.copy(block.data() + field.offset, field.size);
}

// Octal digits with a NUL behind them.
void PutOctal(Block& block, Field field, std::uint64_t value) {
  for (auto at = field.offset + field.size - 1; at-- > field.offset; value >>= 3U) {
    block[at] = static_cast<char>('0' + (value & 7U));
  }
}

// The sum of all bytes, the checksum's own counting as spaces.
std::uint64_t Sum(std::string_view block) {
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < block.size(); ++at) {
    const bool own = at >= kChecksum.offset && at < kChecksum.offset + kChecksum.size;
    sum += own ? std::uint64_t{' '} : static_cast<std::uint8_t>(block[at]);
  }
  return sum;
}

void AppendBlock(std::string& out, const TarHeader& header) {
  Block block{};
  PutText(block, kName, header.name);
  PutOctal(block, kMode, header.mode & 07777U);
  PutOctal(block, kUid, std::min(header.uid, kOctalIdMax));
  PutOctal(block, kGid, std::min(header.gid, kOctalIdMax));
  PutOctal(block, kSize, std::min(header.size, kOctalSizeMax));
  PutOctal(block, kModified,
           static_cast<std::uint64_t>(std::max<std::int64_t>(header.modified_at, 0)));
  block[kKind.offset] = static_cast<char>(header.kind);
  PutText(block, kLink, header.link_target);
  PutText(block, kMagic, std::string_view("ustar\00000", 8));
  PutOctal(block, {.offset = kChecksum.offset, .size = kChecksum.size - 1},
           Sum({block.data(), block.size()}));
  block[kChecksum.offset + kChecksum.size - 1] = ' ';
  out.append(block.data(), block.size());
}

// "<length> <key>=<value>\n", where the length counts its own digits.
void AppendPaxRecord(std::string& out, std::string_view key, std::string_view value) {
  const auto rest = key.size() + value.size() + 3;
  auto length = rest + 1;
  while (std::to_string(length).size() + rest != length) {
    length = std::to_string(length).size() + rest;
  }
  out += std::to_string(length) + " ";
  out += key;
  out += '=';
  out += value;
  out += '\n';
}

std::string_view TextIn(std::string_view block, Field field) {
  const auto text = block.substr(field.offset, field.size);
  return text.substr(0, text.find('\0'));
}

// Octal, or GNU's big-endian binary marked by the highest bit.
std::optional<std::uint64_t> NumberIn(std::string_view block, Field field) {
  const auto text = block.substr(field.offset, field.size);
  std::uint64_t value = 0;
  if ((static_cast<std::uint8_t>(text[0]) & 0x80U) != 0) {
    if (static_cast<std::uint8_t>(text[0]) != 0x80U) {
      return std::nullopt;  // negative, or far too large
    }
    for (const char byte : text.substr(1)) {
      if (value >> 55U != 0) {
        return std::nullopt;
      }
      value = (value << 8U) | static_cast<std::uint8_t>(byte);
    }
    return value;
  }
  for (const char digit : text) {
    if (digit >= '0' && digit <= '7') {
      value = (value << 3U) | static_cast<std::uint64_t>(digit - '0');
    } else if (digit != ' ' && digit != '\0') {
      return std::nullopt;
    }
  }
  return value;
}

TarKind KindIn(char byte) {
  switch (byte) {
    case '\0':
    case '7': return TarKind::kFile;  // contiguous, which no file system knows any more
    case '0':
    case '1':
    case '2':
    case '5':
    case 'x':
    case 'g':
    case 'L':
    case 'K': return static_cast<TarKind>(byte);
    default: return TarKind::kOther;
  }
}

}  // namespace

void AppendTarHeader(std::string& out, const TarHeader& header) {
  std::string records;
  if (header.name.size() > kName.size) {
    AppendPaxRecord(records, "path", header.name);
  }
  if (header.link_target.size() > kLink.size) {
    AppendPaxRecord(records, "linkpath", header.link_target);
  }
  if (header.size > kOctalSizeMax) {
    AppendPaxRecord(records, "size", std::to_string(header.size));
  }
  if (!records.empty()) {
    TarHeader pax;
    pax.name = "PaxHeader";
    pax.kind = TarKind::kPax;
    pax.mode = 0644;
    pax.size = records.size();
    AppendBlock(out, pax);
    out += records;
    out.append(TarPadding(records.size()), '\0');
  }
  AppendBlock(out, header);
}

Result<std::optional<TarHeader>> ParseTarHeader(std::string_view block) {
  if (block.size() != kTarBlockBytes) {
    return Fail(Code::kInvalid, "tar: cut short");
  }
  if (block.find_first_not_of('\0') == std::string_view::npos) {
    return std::optional<TarHeader>();
  }
  const auto sum = NumberIn(block, kChecksum);
  const auto size = NumberIn(block, kSize);
  const auto mode = NumberIn(block, kMode);
  if (!sum || *sum != Sum(block) || !size || !mode) {
    return Fail(Code::kInvalid, "not an uncompressed tar, or a damaged one");
  }
  TarHeader header;
  header.kind = KindIn(block[kKind.offset]);
  header.name = TextIn(block, kName);
  const auto prefix = TextIn(block, kPrefix);
  // GNU keeps other things in place of the prefix; it says so in the magic.
  if (block.substr(kMagic.offset, 6) == std::string_view("ustar\0", 6) && !prefix.empty()) {
    header.name = std::string(prefix) + "/" + header.name;
  }
  header.mode = static_cast<std::uint32_t>(*mode & 07777U);
  header.uid = static_cast<std::uint32_t>(NumberIn(block, kUid).value_or(0));
  header.gid = static_cast<std::uint32_t>(NumberIn(block, kGid).value_or(0));
  header.size = *size;
  header.modified_at = static_cast<std::int64_t>(NumberIn(block, kModified).value_or(0));
  header.link_target = TextIn(block, kLink);
  return header;
}

Result<PaxRecords> ParsePaxRecords(std::string_view text) {
  PaxRecords records;
  while (!text.empty()) {
    const auto length = ParseNumber(text);
    const auto space = text.find(' ');
    if (!length || space == std::string_view::npos || *length < space + 3 ||
        *length > text.size() || text[*length - 1] != '\n') {
      return Fail(Code::kInvalid, "tar: damaged pax header");
    }
    auto value = text.substr(space + 1, *length - space - 2);
    const auto key = TakeUntil(value, '=');
    if (key == "path") {
      records.name = value;
    } else if (key == "linkpath") {
      records.link_target = value;
    } else if (key == "size") {
      records.size = ParseNumber(value);
    }
    text.remove_prefix(*length);
  }
  return records;
}

}  // namespace paddock::agent::files
