// The role_quotas table, and Quota, which a class has too: what somebody may use at most.
//
// Used by identity/quotas.h and store/classes.h. Threading: pure functions and plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "model/role.h"
#include "store/database.h"
#include "store/value.h"

namespace paddock::store {

/// An absent field says nothing: of a role, the server's own ceiling holds; of a class, the role's.
struct Quota {
  std::optional<std::int64_t> sandboxes_max = std::nullopt;
  std::optional<std::int64_t> memory_max_bytes = std::nullopt;
  std::optional<std::int64_t> lifetime_max_s = std::nullopt;
  friend bool operator==(const Quota&, const Quota&) = default;
};

/// The next three columns: sandboxes_max, memory_max_bytes, lifetime_max_s.
[[nodiscard]] Quota ReadQuota(RowReader& reader);
/// Appends the three values in that order.
void AppendQuota(std::vector<Value>& values, const Quota& quota);

[[nodiscard]] Statement SelectRoleQuotas(std::string_view name_space);
/// Roles without a row have no quota of their own. kInternal: the rows are no quotas.
[[nodiscard]] Result<std::map<Role, Quota>> ReadRoleQuotas(const Rows& rows);
[[nodiscard]] Statement PutRoleQuota(std::string_view name_space, Role role, const Quota& quota);

}  // namespace paddock::store
