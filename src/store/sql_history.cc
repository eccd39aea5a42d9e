#include "store/sql_history.h"

#include "crypto/sha256.h"
#include "store/records.h"

namespace paddock::store {
namespace {

SqlHistoryEntry ReadEntry(RowReader& reader) {
  SqlHistoryEntry entry{.text = reader.Text(),
                        .engine = reader.Text(),
                        .database = reader.Text(),
                        .ran_at = reader.Time(),
                        .elapsed_ms = reader.Integer(),
                        .failed = reader.Truth()};
  return entry;
}

}  // namespace

aio::Task<Result<std::vector<SqlHistoryEntry>>> SqlHistory::List(UserId user, Deadline deadline) {
  Statement statement{.sql =
                          "SELECT text, engine, database_name, ran_at, elapsed_ms, failed "
                          "FROM sql_history WHERE namespace = ? AND user_id = ? "
                          "ORDER BY ran_at DESC, digest DESC LIMIT ?",
                      .values = {name_space_, user.value(), kEntriesMax}};
  auto rows = co_await database_.Read(std::move(statement), deadline);
  co_return ReadAll(rows, ReadEntry);
}

aio::Task<Result<void>> SqlHistory::Add(UserId user, SqlHistoryEntry entry, Deadline deadline) {
  Transaction transaction{Insert(user, entry), Trim(user)};
  auto written = co_await database_.Write(std::move(transaction), deadline);
  co_return WithoutRows(std::move(written));
}

aio::Task<Result<void>> SqlHistory::Clear(UserId user, Deadline deadline) {
  Transaction transaction{DeleteAll(user)};
  auto written = co_await database_.Write(std::move(transaction), deadline);
  co_return WithoutRows(std::move(written));
}

Statement SqlHistory::Insert(const UserId& user, const SqlHistoryEntry& entry) const {
  return {.sql =
              "INSERT INTO sql_history (namespace, user_id, digest, text, text_bytes, engine, "
              "database_name, ran_at, elapsed_ms, failed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
              "ON CONFLICT (namespace, user_id, digest) DO UPDATE SET engine = excluded.engine, "
              "database_name = excluded.database_name, ran_at = excluded.ran_at, "
              "elapsed_ms = excluded.elapsed_ms, failed = excluded.failed "
              "WHERE sql_history.ran_at <= excluded.ran_at",
          .values = {name_space_, user.value(), crypto::Sha256Of(entry.text), entry.text,
                     static_cast<std::int64_t>(entry.text.size()), entry.engine, entry.database,
                     ToValue(entry.ran_at), entry.elapsed_ms, ToValue(entry.failed)}};
}

Statement SqlHistory::Trim(const UserId& user) const {
  return {
      .sql =
          "DELETE FROM sql_history WHERE namespace = ? AND user_id = ? AND digest IN ("
          "SELECT digest FROM (SELECT digest, "
          "ROW_NUMBER() OVER (ORDER BY ran_at DESC, digest DESC) AS place, "
          "SUM(text_bytes) OVER (ORDER BY ran_at DESC, digest DESC) AS bytes_so_far "
          "FROM sql_history WHERE namespace = ? AND user_id = ?) AS entries "
          "WHERE place > CAST(? AS BIGINT) OR bytes_so_far > CAST(? AS BIGINT))",
      .values = {name_space_, user.value(), name_space_, user.value(), kEntriesMax, kTextBytesMax}};
}

Transaction SqlHistory::MoveAll(const UserId& from, const UserId& to) const {
  Statement copy{.sql =
                     "INSERT INTO sql_history (namespace, user_id, digest, text, text_bytes, "
                     "engine, database_name, ran_at, elapsed_ms, failed) "
                     "SELECT namespace, ?, digest, text, text_bytes, engine, database_name, "
                     "ran_at, elapsed_ms, failed FROM sql_history g "
                     "WHERE g.namespace = ? AND g.user_id = ? ON CONFLICT DO NOTHING",
                 .values = {to.value(), name_space_, from.value()}};
  return {std::move(copy), DeleteAll(from), Trim(to)};
}

Statement SqlHistory::DeleteAll(const UserId& user) const {
  return {.sql = "DELETE FROM sql_history WHERE namespace = ? AND user_id = ?",
          .values = {name_space_, user.value()}};
}

}  // namespace paddock::store
