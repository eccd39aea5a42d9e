// Export, Import: everything of one namespace as lines of JSON, from any database into any other.
//
// The form is docs/protocol/export.md. Used by `paddock store`. Threading: loop thread; the lines
// are read and written by the caller's functions, which may block: a server has no use for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "store/database.h"

namespace paddock::store {

inline constexpr std::int64_t kExportFormat = 1;
inline constexpr std::size_t kExportLineMax = std::size_t{64} * 1024 * 1024;

/// Takes the next bytes of the export.
using WriteBytes = std::function<Result<void>(std::string_view)>;
/// The next line without its end; none: there is no more. A line longer than kExportLineMax fails.
using ReadLine = std::function<Result<std::optional<std::string>>()>;

/// Writes all rows of `name_space` as they are at one moment; their number. Fails as `write` and as
/// Database::Read.
[[nodiscard]] aio::Task<Result<std::int64_t>> Export(Database& database,
                                                     std::string name_space,
                                                     WriteBytes write,
                                                     Deadline deadline);

/// Reads an export into `name_space`, whatever it was called where it comes from; the number of
/// rows. They are gathered under a name that no server can have and appear all at once, when the
/// whole export has proved to be sound. kInvalid names the line; kConflict: the namespace has
/// content, or the schemas differ. Otherwise fails as Database::Write. What fails leaves nothing;
/// what is killed leaves rows that nobody sees and the next import of the namespace removes.
[[nodiscard]] aio::Task<Result<std::int64_t>> Import(Database& database,
                                                     std::string name_space,
                                                     ReadLine read,
                                                     Deadline deadline);

}  // namespace paddock::store
