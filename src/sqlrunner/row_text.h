// Rows as text: JSON for the page, and the pieces of a CSV or JSON file.
//
// Used by Conversation (what streams) and, on the pool, by windows and exports of stored results.
// Threading: pure, but for the reads of a file. Every value keeps its exact text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "sql/rows.h"
#include "sqlrunner/client_message.h"
#include "sqlrunner/spill_file.h"
#include "sqlrunner/stored_result.h"

namespace paddock::sqlrunner {

inline constexpr std::size_t kWindowBytesMax = std::size_t{1} * 1024 * 1024;
inline constexpr std::size_t kChunkBytes = std::size_t{64} * 1024;

/// ["1","a",null]
void AppendRowJson(std::string& out, const sql::Rows& rows, std::size_t row);

/// The rows of a window, comma by comma.
struct Window {
  std::string rows;
  std::uint64_t total = 0;
};

/// At most `limit` rows from `offset` of `order`, fewer when their text is above kWindowBytesMax.
/// Fails with kUnavailable. Blocks.
[[nodiscard]] Result<Window> ReadWindow(const SpillSnapshot& snapshot,
                                        const RowOrder& order,
                                        std::uint64_t offset,
                                        std::uint64_t limit);

/// A file, piece by piece.
class ExportText {
 public:
  ExportText(SpillSnapshot snapshot, RowOrder order, ExportFormat format);

  /// The next piece, about kChunkBytes; empty at the end. Fails with kUnavailable. Blocks.
  [[nodiscard]] Result<std::string> Next();

 private:
  void AppendHead(std::string& out) const;
  void AppendRow(std::string& out, std::span<const sql::Cell> cells) const;

  SpillSnapshot snapshot_;
  RowOrder order_;
  ExportFormat format_;
  std::vector<std::string> names_;  // each once, for the members of objects
  std::uint64_t next_ = 0;
  std::uint64_t next_offset_ = 0;  // of the row `next_` when the order is the plain one
  bool has_ended_ = false;
};

}  // namespace paddock::sqlrunner
