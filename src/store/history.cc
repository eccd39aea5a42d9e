#include <chrono>
#include <cstddef>

#include <fmt/format.h>

#include "crypto/sha256.h"
#include "store/migrations.h"

namespace paddock::store {

Result<std::vector<AppliedMigration>> ReadHistory(const Rows& rows) {
  std::vector<AppliedMigration> history;
  for (const Row& row : rows.rows) {
    RowReader reader(row);
    AppliedMigration applied;
    applied.version = reader.Integer();
    applied.name = reader.Text();
    applied.checksum = reader.Text();
    if (auto read = reader.Finish(); !read) {
      return Fail(std::move(read).error().With("schema_versions"));
    }
    history.push_back(std::move(applied));
  }
  return history;
}

Result<std::span<const Migration>> PendingMigrations(std::span<const Migration> known,
                                                     std::span<const AppliedMigration> applied,
                                                     Dialect dialect) {
  if (applied.size() > known.size()) {
    return Fail(Code::kConflict,
                fmt::format("the database has schema version {}, but this program knows only "
                            "versions up to {}: start the newer program, or restore a backup",
                            applied.back().version, known.size()));
  }
  for (std::size_t i = 0; i < applied.size(); ++i) {
    const Migration& step = known[i];
    const AppliedMigration& done = applied[i];
    if (done.version != step.version || done.name != step.name ||
        done.checksum != crypto::Sha256Of(step.*dialect)) {
      return Fail(Code::kConflict,
                  fmt::format("the database went through another step {} ('{}') than this "
                              "program's step {} ('{}'), at version {} of {}: it belongs to "
                              "another build of Paddock",
                              done.version, done.name, step.version, step.name,
                              applied.back().version, known.size()));
    }
  }
  return known.subspan(applied.size());
}

Statement NoteMigration(const Migration& step, Dialect dialect) {
  const Value now = ToValue(SystemTime::clock::now());
  return Statement{.sql = std::string(kInsertSchemaVersion),
                   .values = {std::int64_t{step.version}, std::string(step.name),
                              crypto::Sha256Of(step.*dialect), now}};
}

}  // namespace paddock::store
