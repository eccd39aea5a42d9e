// CheckRole: whether the user of a registered database can only read, as the database itself says.
//
// A session that asks for read-only transactions can ask for others a moment later: only what the
// role may do counts. Used by OpenSession. Threading: loop thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "sql/dialect.h"
#include "sql/engine.h"

namespace paddock::sqlrunner {

/// Fails with kDenied, in words that say what to REVOKE; with kInvalid for an engine whose roles
/// are not known here; and as sql::Session::Execute.
[[nodiscard]] aio::Task<Result<void>> CheckRole(sql::Session& session,  // outlives the task
                                                sql::Dialect dialect,
                                                Deadline deadline);

/// Of a line of MariaDB's SHOW GRANTS: what it grants beyond reading, without the password's hash
/// that may stand behind; empty when it is nothing.
[[nodiscard]] std::string BeyondReading(std::string_view grant);

}  // namespace paddock::sqlrunner
