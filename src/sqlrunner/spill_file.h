// SpillFile: the rows of one stored result on disk, under no name.
//
// Used by StoredResult, which writes it, and by whoever reads windows of it on the pool. A row is
// the length of what follows (u32), then per cell its length and type (u32: length << 4 | type) and
// its text, in the machine's own order: nobody else ever reads it.
//
// Threading: Write and maps from any thread; what was written does not change any more.
// Ownership: shared by the result and by the reads that are under way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "sql/rows.h"

namespace paddock::sqlrunner {

inline constexpr std::uint64_t kStoredRowsMax = 1'000'000;
inline constexpr std::uint64_t kStoredBytesMax = std::uint64_t{512} * 1024 * 1024;
inline constexpr std::uint64_t kSpillBytesMax = std::uint64_t{8} * 1024 * 1024 * 1024;
inline constexpr std::size_t kIndexInterval = 64;  // rows per entry of the index

/// What all spill files together may take. Loop thread; outlives every result.
class SpillBudget {
 public:
  explicit SpillBudget(std::uint64_t bytes_max = kSpillBytesMax) : free_(bytes_max) {}
  [[nodiscard]] bool TryTake(std::uint64_t bytes) noexcept {
    if (bytes > free_) {
      return false;
    }
    free_ -= bytes;
    return true;
  }
  void GiveBack(std::uint64_t bytes) noexcept { free_ += bytes; }

 private:
  std::uint64_t free_;
};

class SpillFile {
 public:
  /// In `directory`, without a name there. Fails with kDiskFull or kUnavailable.
  [[nodiscard]] static Result<std::shared_ptr<SpillFile>> Make(const std::string& directory);

  /// Fails with kDiskFull or kUnavailable. Blocks.
  [[nodiscard]] Result<void> Write(std::uint64_t offset, std::string_view bytes) const;

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

 private:
  explicit SpillFile(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

/// What a result had at one moment: all that a read on the pool needs.
struct SpillSnapshot {
  std::shared_ptr<const SpillFile> file;
  std::vector<sql::Column> columns;
  std::vector<std::uint64_t> index;  // where every kIndexInterval-th row begins
  std::uint64_t row_count = 0;
  std::uint64_t byte_count = 0;
  bool is_complete = false;
};

/// Appends `row` of `rows` as it lies in a file.
void AppendSpillRow(std::string& out, const sql::Rows& rows, std::size_t row);

/// A stretch of a file in memory, for reading. Blocks while pages come.
class SpillMap {
 public:
  /// Fails with kUnavailable.
  [[nodiscard]] static Result<SpillMap> Open(const SpillSnapshot& snapshot);
  SpillMap(SpillMap&& other) noexcept;
  SpillMap(const SpillMap&) = delete;
  SpillMap& operator=(const SpillMap&) = delete;
  SpillMap& operator=(SpillMap&&) = delete;
  ~SpillMap();

  [[nodiscard]] std::uint64_t OffsetOf(const SpillSnapshot& snapshot, std::uint64_t row) const;
  [[nodiscard]] std::uint64_t After(std::uint64_t row_offset) const;
  /// Of the row at `row_offset`; `cells` is used again.
  void ReadRow(std::uint64_t row_offset, std::vector<sql::Cell>& cells) const;
  /// Where a cell of that row lies, and the cell that lies somewhere.
  [[nodiscard]] std::uint64_t CellOffset(std::uint64_t row_offset, std::size_t column) const;
  [[nodiscard]] sql::Cell CellAt(std::uint64_t cell_offset) const;

 private:
  SpillMap(const char* data, std::size_t size) : data_(data), size_(size) {}
  [[nodiscard]] std::uint32_t NumberAt(std::uint64_t offset) const;
  const char* data_;
  std::size_t size_;
};

}  // namespace paddock::sqlrunner
