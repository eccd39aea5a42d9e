// Runner: runs a learner's query on a schema in a fresh, isolated database, and forgets it.
//
// The seam between challenges and the databases that run them. Implementations: runners/sqlite
// (sandboxed worker processes), runners/server (prepared clones on PostgreSQL and MariaDB), and
// rpc's client of a runner service elsewhere. CachedRunner (cached_runner.h) stands before them.
//
// The text runs as it was written. Nothing of one run is seen by another.
// Threading: loop thread; runs may overlap, bounded by each implementation: kExhausted beyond.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "sql/dialect.h"
#include "sql/rows.h"
#include "sql/statement_error.h"

namespace paddock::challenges {

/// Functions that MySQL has and SQLite lacks, offered with MySQL's meaning. A set of bits.
enum class Shim : std::uint8_t {
  kYear = 1U << 0U,
  kMonth = 1U << 1U,
  kDay = 1U << 2U,
  kIf = 1U << 3U,
  kConcat = 1U << 4U,
  kLeft = 1U << 5U,   // where the engine's grammar has LEFT(
  kRight = 1U << 6U,  // where it has RIGHT(
};
using ShimSet = std::uint8_t;
inline constexpr ShimSet kAllShims = 0x7F;

/// A schema with its data, prepared once by whoever runs it. Shared, and known by `digest`.
struct Schema {
  sql::Dialect dialect = sql::Dialect::kSqlite;
  std::string script;  // definitions and data
  std::string digest;  // SHA-256 of dialect and script, lower-case hexadecimal: MakeSchema sets it
};
using SchemaRef = std::shared_ptr<const Schema>;
[[nodiscard]] SchemaRef MakeSchema(sql::Dialect dialect, std::string script);

struct RunLimits {
  std::chrono::milliseconds time{1'000};
  std::size_t rows = 10'000;                  // of all results together
  std::size_t bytes = std::size_t{4} << 20U;  // the same
  std::size_t cell_bytes = std::size_t{1} << 20U;
  std::size_t results = 16;
  friend bool operator==(const RunLimits&, const RunLimits&) = default;
};

struct RunRequest {
  SchemaRef schema;
  // NOLINTNEXTLINE(readability-redundant-member-init): may be left out
  std::string query = {};
  /// Run afterwards in the same database, for tasks graded by the state they leave.
  std::vector<std::string> checks = {};  // NOLINT: may be left out
  ShimSet shims = 0;
  RunLimits limits = {};
};

struct ResultSet {
  std::vector<sql::Column> columns;
  sql::Rows rows;
};

/// Which limit cut a run short; its results are then incomplete, and said to be.
enum class LimitHit : std::uint8_t { kNone, kTime, kRows, kBytes, kCell, kMemory, kResults };
inline constexpr auto kLastLimitHit = LimitHit::kResults;

struct RunOutcome {
  // NOLINTBEGIN(readability-redundant-member-init): may be left out
  std::vector<ResultSet> results = {};  // of statements that have columns, in order
  std::vector<ResultSet> checks = {};   // one for each check; empty after an error
  // NOLINTEND(readability-redundant-member-init)
  std::optional<sql::StatementError> error = std::nullopt;
  LimitHit limit = LimitHit::kNone;
  bool deterministic = true;  // the same again gives the same: by the authorizer, not by a guess
  bool changed_data = false;
  bool cached = false;              // from CachedRunner's memory
  std::string engine_version = {};  // NOLINT: may be left out. "SQLite 3.40.1"
  std::chrono::microseconds time{0};

  [[nodiscard]] bool is_whole() const noexcept { return !error && limit == LimitHit::kNone; }
};
using RunOutcomeRef = std::shared_ptr<const RunOutcome>;

class Runner {
 public:
  Runner() = default;
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  virtual ~Runner() = default;

  /// What the query did, whatever it was. Fails only when we are at fault or the question is:
  /// kInvalid (the schema's script fails; the message is the database's, for the author),
  /// kUnavailable (no worker), kExhausted, kDeadlineExceeded, kCancelled.
  [[nodiscard]] virtual aio::Task<Result<RunOutcomeRef>> Run(RunRequest request,
                                                             Deadline deadline) = 0;
};

}  // namespace paddock::challenges
