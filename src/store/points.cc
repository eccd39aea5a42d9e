#include "store/points.h"

#include <utility>

#include <fmt/format.h>

#include "store/records.h"

namespace paddock::store {
namespace {

LeaderboardRow ReadEntry(RowReader& reader) {
  LeaderboardRow row{.user = UserId(reader.Text()),
                     .name = reader.Text(),
                     .points = reader.Integer(),
                     .solved = reader.Integer(),
                     .rank = reader.Integer(),
                     .place = reader.Integer()};
  return row;
}

std::int64_t ReadNumber(RowReader& reader) { return reader.Integer(); }

}  // namespace

Statement PointTable::SelectLeaderboard(const LeaderboardQuery& query) const {
  Statement statement{
      .sql =
          "WITH totals AS (SELECT u.id, u.display_name, "
          "CAST(SUM(g.points) AS BIGINT) AS points, "
          "CAST(SUM(CASE WHEN g.kind = 'solved' THEN 1 ELSE 0 END) AS BIGINT) AS solved "
          "FROM point_grants g JOIN users u ON u.namespace = g.namespace AND u.id = g.user_id "
          "WHERE g.namespace = ? AND u.disabled = 0",
      .values = {name_space_}};
  if (query.since) {
    statement.sql += " AND g.granted_at >= ?";
    statement.values.push_back(ToValue(*query.since));
  }
  if (query.class_id) {
    statement.sql +=
        " AND u.id IN (SELECT user_id FROM class_members WHERE namespace = ? AND class_id = ?)";
    statement.values.insert(statement.values.end(), {name_space_, query.class_id->value()});
  }
  const std::string_view value = query.by_solved ? "solved" : "points";
  statement.sql += fmt::format(
      " GROUP BY u.id, u.display_name), ranked AS (SELECT id, display_name, points, solved, "
      "RANK() OVER (ORDER BY {0} DESC) AS standing, "
      "ROW_NUMBER() OVER (ORDER BY {0} DESC, display_name, id) AS place FROM totals "
      "WHERE {0} > 0) "
      "SELECT id, display_name, points, solved, standing, place FROM ranked "
      "WHERE place <= ? OR id = ? ORDER BY place",
      value);
  statement.values.insert(statement.values.end(), {query.limit, query.reader.value()});
  return statement;
}

Result<std::vector<LeaderboardRow>> PointTable::ReadLeaderboard(const Rows& rows) {
  return ReadAll<LeaderboardRow>(rows, ReadEntry);
}

Statement PointTable::SelectSum(const UserId& user) const {
  return {.sql =
              "SELECT CAST(COALESCE(SUM(points), 0) AS BIGINT) FROM point_grants "
              "WHERE namespace = ? AND user_id = ?",
          .values = {name_space_, user.value()}};
}

Result<std::int64_t> PointTable::ReadSum(const Rows& rows) {
  return ReadOne<std::int64_t>(rows, ReadNumber, "there is no sum");
}

}  // namespace paddock::store
