// Leaderboards and sums over the ledger of points (store/attempts.h writes it).
//
// Only accounts have ranks; a guest's points count once an account has taken them over. Equal
// values have equal ranks. Threading: pure functions and plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/ids.h"
#include "store/database.h"
#include "store/value.h"

namespace paddock::store {

struct LeaderboardQuery {
  UserId reader;  // whose entry is always there, when they have one
  bool by_solved = false;
  std::optional<SystemTime> since = std::nullopt;
  std::optional<ClassId> class_id = std::nullopt;
  std::int64_t limit = 50;
};

struct LeaderboardRow {
  UserId user;
  std::string name;
  std::int64_t points = 0;
  std::int64_t solved = 0;
  std::int64_t rank = 0;   // equal values have equal ones
  std::int64_t place = 0;  // 1, 2, 3 … among all
};

class PointTable {
 public:
  explicit PointTable(std::string name_space) : name_space_(std::move(name_space)) {}

  /// By place. The reader's own row is last when it is not among the first.
  [[nodiscard]] Statement SelectLeaderboard(const LeaderboardQuery& query) const;
  [[nodiscard]] static Result<std::vector<LeaderboardRow>> ReadLeaderboard(const Rows& rows);

  [[nodiscard]] Statement SelectSum(const UserId& user) const;
  [[nodiscard]] static Result<std::int64_t> ReadSum(const Rows& rows);

 private:
  std::string name_space_;
};

}  // namespace paddock::store
