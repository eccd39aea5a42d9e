#include "runners/sqlite/worker/prepared_schema.h"

#include <chrono>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "runners/sqlite/protocol/messages.h"
#include "runners/sqlite/worker/clock_watch.h"
#include "runners/sqlite/worker/heap.h"
#include "runners/sqlite/worker/text_run.h"

namespace paddock::runners::sqlite {
namespace {

constexpr std::size_t kBuildHeapBytes = std::size_t{256} << 20U;

bool HasRow(Connection& connection, const char* text) {
  sqlite3_stmt* prepared = nullptr;
  PADDOCK_CHECK(sqlite3_prepare_v3(connection.handle(), text, -1, 0, &prepared, nullptr) ==
                SQLITE_OK);
  const Statement statement(prepared);
  return sqlite3_step(prepared) == SQLITE_ROW;
}

// Rolling back does not undo what a module keeps outside of tables; and keys that are checked at
// the end of a transaction would never be, in one that only rolls back.
bool AllowsSharedChanges(Connection& connection) {
  return !HasRow(connection, "SELECT 1 FROM sqlite_schema WHERE type='table' AND rootpage=0") &&
         !(connection.has_foreign_keys() &&
           HasRow(connection, "SELECT 1 FROM sqlite_schema WHERE sql LIKE '%deferr%'"));
}

std::optional<std::string> WhyNot(const TextEnd& end) {
  using enum challenges::LimitHit;
  if (end.error) {
    return end.error->hint.empty() ? end.error->message
                                   : fmt::format("{}. {}", end.error->message, end.error->hint);
  }
  switch (end.limit) {
    case kNone: return std::nullopt;
    case kTime:
      return fmt::format("the schema's script takes longer than {} seconds", kBuildTimeMax.count());
    case kCell: return "a value of the schema's script is too long";
    default: return "the schema's script needs too much memory";
  }
}

}  // namespace

std::expected<PreparedSchema, std::string> PreparedSchema::Build(std::string_view script,
                                                                 RunClock& clock) {
  Connection connection({}, clock);
  connection.SetLengths(kScriptBytesMax, kScriptBytesMax);
  const HeapLimit heap(kBuildHeapBytes);
  ClockWatch::Reset();
  clock.Start(kBuildTimeMax);
  const auto end = TextRun(connection, Ground::kScript, nullptr)
                       .Run(script, std::numeric_limits<std::size_t>::max());
  if (auto reason = WhyNot(end)) {
    return std::unexpected(*std::move(reason));
  }
  if (connection.in_transaction()) {
    return std::unexpected("the schema's script begins a transaction and does not commit it");
  }
  PreparedSchema schema(connection, connection.guard().deterministic() && !ClockWatch::was_asked(),
                        clock);
  if (schema.image_size_ > kImageBytesMax) {
    return std::unexpected(
        fmt::format("the schema's data is more than {} MiB", kImageBytesMax >> 20U));
  }
  return schema;
}

PreparedSchema::PreparedSchema(Connection& built, bool deterministic, RunClock& clock)
    : clock_(&clock),
      foreign_keys_(built.has_foreign_keys()),
      shared_changes_(AllowsSharedChanges(built)),
      deterministic_(deterministic) {
  sqlite3_int64 size = 0;
  image_.reset(sqlite3_serialize(built.handle(), "main", &size, 0));
  image_size_ = image_ == nullptr ? 0 : static_cast<std::size_t>(size);
}

Connection& PreparedSchema::Shared() {
  if (shared_ == nullptr) {
    shared_ = Copy();
    shared_->guard().AllowSharedChanges(shared_changes_);
  }
  return *shared_;
}

std::unique_ptr<Connection> PreparedSchema::Copy() const {
  auto copy = std::make_unique<Connection>(image(), *clock_);
  copy->SetForeignKeys(foreign_keys_);
  return copy;
}

}  // namespace paddock::runners::sqlite
