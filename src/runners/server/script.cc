#include "runners/server/script.h"

#include <utility>

#include <fmt/format.h>

#include "sql/splitter.h"

namespace paddock::runners::server {
namespace {

constexpr std::size_t kStatementsMax = 200'000;  // of a script

/// Rows that nobody looks at.
class IgnoringSink final : public sql::ResultSink {
 public:
  aio::Task<Result<void>> Columns(std::vector<sql::Column> /*columns*/) override {
    co_return Result<void>();
  }
  aio::Task<Result<void>> Append(sql::Rows /*rows*/) override { co_return Result<void>(); }
  aio::Task<Result<void>> Complete(sql::CommandResult /*result*/) override {
    co_return Result<void>();
  }
  void Note(sql::Notice /*notice*/) override {}
};

}  // namespace

std::vector<std::string_view> ScriptPieces(std::string_view script,
                                           sql::Dialect dialect,
                                           std::size_t bytes_max) {
  std::vector<std::string_view> pieces;
  std::size_t begin = 0;
  std::size_t end = 0;
  for (const sql::StatementSpan& span : sql::Split(script, dialect, kStatementsMax)) {
    if (end > begin && span.end - begin > bytes_max) {
      pieces.push_back(script.substr(begin, end - begin));
      begin = end;
    }
    if (begin == end) {
      begin = span.begin;
    }
    end = span.end;
  }
  if (end > begin) {
    pieces.push_back(script.substr(begin, end - begin));
  }
  return pieces;
}

aio::Task<Result<void>> RunScript(sql::Session& session,
                                  std::vector<std::string_view> pieces,
                                  Deadline deadline) {
  IgnoringSink sink;
  for (const std::string_view piece : pieces) {
    auto outcome = co_await session.Execute(std::string(piece), sink, deadline);
    if (!outcome) {
      co_return Fail(std::move(outcome).error());
    }
    if (*outcome) {
      co_return Fail(Code::kInvalid, (*outcome)->message);
    }
  }
  co_return Result<void>();
}

}  // namespace paddock::runners::server
