#include "store/claims.h"

#include <utility>

#include "store/records.h"

namespace paddock::store {
namespace {

ClaimRecord ReadClaim(RowReader& reader) {
  ClaimRecord claim{.guest = UserId(reader.Text()), .user = UserId(reader.Text())};
  return claim;
}

}  // namespace

aio::Task<Result<std::vector<ClaimRecord>>> Claims::List(Deadline deadline) {
  Statement statement{.sql =
                          "SELECT guest_id, user_id FROM claims WHERE namespace = ? "
                          "ORDER BY created_at, guest_id LIMIT ?",
                      .values = {name_space_, kListedMax}};
  auto rows = co_await database_.Read(std::move(statement), deadline);
  co_return ReadAll(rows, ReadClaim);
}

Statement Claims::Insert(const ClaimRecord& claim, SystemTime now) const {
  return {.sql =
              "INSERT INTO claims (namespace, guest_id, user_id, created_at) "
              "VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
          .values = {name_space_, claim.guest.value(), claim.user.value(), ToValue(now)}};
}

Statement Claims::Delete(const ClaimRecord& claim) const {
  return {.sql = "DELETE FROM claims WHERE namespace = ? AND guest_id = ? AND user_id = ?",
          .values = {name_space_, claim.guest.value(), claim.user.value()}};
}

}  // namespace paddock::store
