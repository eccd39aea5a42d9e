#include "runners/sqlite/worker/connection.h"

#include <array>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "runners/sqlite/worker/clock_watch.h"
#include "runners/sqlite/worker/shims.h"

namespace paddock::runners::sqlite {
namespace {

// Steps of SQLite's machine between two looks at the clock: some ten microseconds.
constexpr int kStepsBetweenLooks = 1'000;

constexpr auto kLimits = std::to_array<std::pair<int, int>>({
    {SQLITE_LIMIT_EXPR_DEPTH, 500},
    {SQLITE_LIMIT_COMPOUND_SELECT, 200},
    {SQLITE_LIMIT_VDBE_OP, 2'000'000},
    {SQLITE_LIMIT_FUNCTION_ARG, 100},
    {SQLITE_LIMIT_ATTACHED, 0},
    {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1'000},
    {SQLITE_LIMIT_TRIGGER_DEPTH, 50},
    {SQLITE_LIMIT_WORKER_THREADS, 0},
});

// A function of C with variable arguments of its own.
void Configure(sqlite3* handle, int option, int value) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): SQLite's interface
  PADDOCK_CHECK(sqlite3_db_config(handle, option, value, nullptr) == SQLITE_OK);
}

std::string_view ViewOf(const char* text) { return text == nullptr ? std::string_view() : text; }

int Authorize(void* guard,
              int action,
              const char* first,
              const char* second,
              const char* database,
              const char* /*trigger*/) {
  return static_cast<Guard*>(guard)->Decide(action, ViewOf(first), ViewOf(second),
                                            ViewOf(database));
}

// Our own statements are short, and undo what a run that took too long has done.
int Progress(void* connection) {
  auto& self = *static_cast<Connection*>(connection);
  return self.guard().ground() == Ground::kOwn || self.clock().Continues() ? 0 : 1;
}

}  // namespace

void SetUpEngine() {
  PADDOCK_CHECK(sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK);
  PADDOCK_CHECK(sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1) == SQLITE_OK);
  PADDOCK_CHECK(sqlite3_initialize() == SQLITE_OK);
  ClockWatch::Install();
  // Seeds the generator now, while the kernel may still be asked.
  unsigned char seed = 0;
  sqlite3_randomness(1, &seed);
}

Connection::Connection(std::span<const unsigned char> image, RunClock& clock) : clock_(clock) {
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY;
  sqlite3* handle = nullptr;
  PADDOCK_CHECK(sqlite3_open_v2(":memory:", &handle, kFlags, ClockWatch::kName) == SQLITE_OK);
  handle_.reset(handle);
  Configure(handle, SQLITE_DBCONFIG_DEFENSIVE, 1);
  Configure(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
  for (const auto& [limit, value] : kLimits) {
    sqlite3_limit(handle, limit, value);
  }
  Load(image);
  PADDOCK_CHECK(sqlite3_exec(handle, "PRAGMA temp_store=MEMORY", nullptr, nullptr, nullptr) ==
                SQLITE_OK);
  sqlite3_set_authorizer(handle, &Authorize, &guard_);
  sqlite3_progress_handler(handle, kStepsBetweenLooks, &Progress, this);
}

void Connection::Load(std::span<const unsigned char> image) const {
  if (image.empty()) {
    return;
  }
  auto* const copy = static_cast<unsigned char*>(sqlite3_malloc64(image.size()));
  PADDOCK_CHECK(copy != nullptr);
  std::memcpy(copy, image.data(), image.size());
  const auto size = static_cast<sqlite3_int64>(image.size());
  PADDOCK_CHECK(sqlite3_deserialize(
                    handle(), "main", copy, size, size,
                    SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE) == SQLITE_OK);
  // Reads the definitions now. A text that is no SQL at all would else be answered with
  // SQLITE_SCHEMA, as if they had changed under it.
  (void)sqlite3_exec(handle(), "SELECT 1 FROM sqlite_schema LIMIT 0", nullptr, nullptr, nullptr);
}

void Connection::SetShims(challenges::ShimSet shims) {
  if (shims != shims_) {
    runners::sqlite::SetShims(handle(), shims_, shims);
    shims_ = shims;
  }
}

void Connection::SetForeignKeys(bool enforced) const {
  Configure(handle(), SQLITE_DBCONFIG_ENABLE_FKEY, enforced ? 1 : 0);
}

bool Connection::has_foreign_keys() const {
  int enforced = 0;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): SQLite's interface
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_ENABLE_FKEY, -1, &enforced);
  return enforced != 0;
}

void Connection::SetLengths(std::size_t value_bytes, std::size_t text_bytes) const {
  sqlite3_limit(handle(), SQLITE_LIMIT_LENGTH, static_cast<int>(value_bytes));
  sqlite3_limit(handle(), SQLITE_LIMIT_SQL_LENGTH, static_cast<int>(text_bytes));
}

bool Connection::Begin() { return RunOwn(begin_, "BEGIN"); }
bool Connection::RollBack() { return RunOwn(roll_back_, "ROLLBACK"); }

bool Connection::RunOwn(Statement& statement, const char* text) {
  const Ground before = guard_.ground();
  guard_.SetGround(Ground::kOwn);
  if (statement == nullptr) {
    sqlite3_stmt* prepared = nullptr;
    (void)sqlite3_prepare_v3(handle(), text, -1, SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
    statement.reset(prepared);
  }
  const bool done = statement != nullptr && sqlite3_step(statement.get()) == SQLITE_DONE;
  const bool reset = sqlite3_reset(statement.get()) == SQLITE_OK;
  guard_.SetGround(before);
  return done && reset;
}

}  // namespace paddock::runners::sqlite
