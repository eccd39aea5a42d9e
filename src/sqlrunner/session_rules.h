// The rules of a session that need no session: what a message weighs, what a statement may change,
// and how a failure of Paddock's reads where one of the database's could stand.
//
// Used by SessionWorker. Threading: pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "sql/statement_error.h"
#include "sqlrunner/client_message.h"

namespace paddock::sqlrunner {

/// What it holds while it waits.
[[nodiscard]] std::size_t BytesOf(const ClientMessage& message);

/// Whether what the catalog says may be wrong after `statement`.
[[nodiscard]] bool MayChangeCatalog(std::string_view statement);

/// In the words and codes of a statement's failure, because rows may have been sent already.
[[nodiscard]] sql::StatementError AsStatementError(const Error& failure);

}  // namespace paddock::sqlrunner
