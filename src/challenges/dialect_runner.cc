#include "challenges/dialect_runner.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace paddock::challenges {
namespace {

aio::Task<Result<RunOutcomeRef>> Refuse(sql::Dialect dialect) {
  const std::string_view name = sql::Name(dialect);
  co_return Fail(Code::kConflict,
                 fmt::format("this server runs no challenges on {0}: its administrator has to "
                             "start a database server for them, and say where, with "
                             "--challenge-{0} (docs/sql-engines.md)",
                             name));
}

}  // namespace

void DialectRunner::Add(sql::Dialect dialect, Runner& runner) noexcept {
  runners_.at(static_cast<std::size_t>(dialect)) = &runner;
}

aio::Task<Result<RunOutcomeRef>> DialectRunner::Run(RunRequest request, Deadline deadline) {
  const sql::Dialect dialect = request.schema->dialect;
  Runner* const runner = runners_.at(static_cast<std::size_t>(dialect));
  return runner == nullptr ? Refuse(dialect) : runner->Run(std::move(request), deadline);
}

}  // namespace paddock::challenges
