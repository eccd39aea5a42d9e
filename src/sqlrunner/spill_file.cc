#include "sqlrunner/spill_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"

namespace paddock::sqlrunner {
namespace {

constexpr std::size_t kNumberBytes = sizeof(std::uint32_t);
constexpr std::uint32_t kTypeBits = 4;
constexpr std::uint32_t kTypeMask = (1U << kTypeBits) - 1;
static_assert(static_cast<std::uint32_t>(sql::kLastCellType) <= kTypeMask);

std::unexpected<Error> FileFailure(int error) {
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return Fail(Code::kDiskFull,
                "the disk for stored results is full: close results that are no longer needed, "
                "or ask for fewer rows");
  }
  return Fail(Code::kUnavailable, fmt::format("the spill file: {}", strerrordesc_np(error)));
}

void AppendNumber(std::string& out, std::uint32_t number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);  // NOLINT: bytes of a number
}

}  // namespace

Result<std::shared_ptr<SpillFile>> SpillFile::Make(const std::string& directory) {
  UniqueFd fd(open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!fd && (errno == EOPNOTSUPP || errno == EISDIR)) {
    // A file system that cannot make one without a name.
    std::string path = directory + "/result-XXXXXX";
    fd.Reset(mkostemp(path.data(), O_CLOEXEC));
    if (fd) {
      unlink(path.c_str());
    }
  }
  if (!fd) {
    return FileFailure(errno);
  }
  return std::shared_ptr<SpillFile>(new SpillFile(std::move(fd)));  // NOLINT: private constructor
}

Result<void> SpillFile::Write(std::uint64_t offset, std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return FileFailure(count == 0 ? ENOSPC : errno);
    }
    offset += static_cast<std::uint64_t>(count);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

void AppendSpillRow(std::string& out, const sql::Rows& rows, std::size_t row) {
  const std::size_t begin = out.size();
  AppendNumber(out, 0);
  for (std::size_t column = 0; column < rows.column_count(); ++column) {
    const sql::Cell cell = rows.At(row, column);
    const auto size = static_cast<std::uint32_t>(cell.text.size());
    AppendNumber(out, (size << kTypeBits) | static_cast<std::uint32_t>(cell.type));
    out += cell.text;
  }
  const auto length = static_cast<std::uint32_t>(out.size() - begin - kNumberBytes);
  std::memcpy(out.data() + begin, &length, sizeof length);
}

Result<SpillMap> SpillMap::Open(const SpillSnapshot& snapshot) {
  if (snapshot.byte_count == 0) {
    return SpillMap(nullptr, 0);
  }
  void* data = mmap(nullptr, snapshot.byte_count, PROT_READ, MAP_SHARED, snapshot.file->fd(), 0);
  if (data == MAP_FAILED) {
    return FileFailure(errno);
  }
  return SpillMap(static_cast<const char*>(data), snapshot.byte_count);
}

SpillMap::SpillMap(SpillMap&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SpillMap::~SpillMap() {
  if (data_ != nullptr) {
    munmap(const_cast<char*>(data_), size_);  // NOLINT: the C interface
  }
}

std::uint32_t SpillMap::NumberAt(std::uint64_t offset) const {
  PADDOCK_CHECK(offset + kNumberBytes <= size_);
  std::uint32_t number = 0;
  std::memcpy(&number, data_ + offset, sizeof number);
  return number;
}

std::uint64_t SpillMap::OffsetOf(const SpillSnapshot& snapshot, std::uint64_t row) const {
  std::uint64_t offset = snapshot.index[row / kIndexInterval];
  for (std::uint64_t left = row % kIndexInterval; left > 0; --left) {
    offset = After(offset);
  }
  return offset;
}

std::uint64_t SpillMap::After(std::uint64_t row_offset) const {
  return row_offset + kNumberBytes + NumberAt(row_offset);
}

sql::Cell SpillMap::CellAt(std::uint64_t cell_offset) const {
  const std::uint32_t head = NumberAt(cell_offset);
  const std::size_t size = head >> kTypeBits;
  const std::uint64_t begin = cell_offset + kNumberBytes;
  PADDOCK_CHECK(begin + size <= size_);
  return {.type = static_cast<sql::CellType>(head & kTypeMask), .text = {data_ + begin, size}};
}

std::uint64_t SpillMap::CellOffset(std::uint64_t row_offset, std::size_t column) const {
  std::uint64_t offset = row_offset + kNumberBytes;
  for (; column > 0; --column) {
    offset += kNumberBytes + (NumberAt(offset) >> kTypeBits);
  }
  return offset;
}

void SpillMap::ReadRow(std::uint64_t row_offset, std::vector<sql::Cell>& cells) const {
  cells.clear();
  const std::uint64_t end = After(row_offset);
  for (std::uint64_t offset = row_offset + kNumberBytes; offset < end;) {
    cells.push_back(CellAt(offset));
    offset += kNumberBytes + cells.back().text.size();
  }
}

}  // namespace paddock::sqlrunner
