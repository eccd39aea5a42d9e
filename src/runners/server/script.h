// Scripts: a schema's script in pieces that a database takes one after the other.
//
// Used by PostgresDatabases and MariadbDatabases. Threading: pure; RunScript on the loop thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "sql/dialect.h"
#include "sql/engine.h"

namespace paddock::runners::server {

/// Whole statements, as they are written, at most about `bytes_max` in each piece; one in each
/// piece where that is 0.
[[nodiscard]] std::vector<std::string_view> ScriptPieces(std::string_view script,
                                                         sql::Dialect dialect,
                                                         std::size_t bytes_max);

/// Runs them on `session`, and throws away what they give; both and what `pieces` refer to outlive
/// the task. Fails with kInvalid (a statement fails; the message is the database's),
/// kDeadlineExceeded, kCancelled, kUnavailable.
[[nodiscard]] aio::Task<Result<void>> RunScript(sql::Session& session,
                                                std::vector<std::string_view> pieces,
                                                Deadline deadline);

}  // namespace paddock::runners::server
