#include "store/quotas.h"

#include <string>
#include <utility>

namespace paddock::store {
namespace {

Value ToNullable(std::optional<std::int64_t> number) {
  return number ? Value(*number) : Value(std::monostate());
}

}  // namespace

Quota ReadQuota(RowReader& reader) {
  Quota quota;
  quota.sandboxes_max = reader.OptionalInteger();
  quota.memory_max_bytes = reader.OptionalInteger();
  quota.lifetime_max_s = reader.OptionalInteger();
  return quota;
}

void AppendQuota(std::vector<Value>& values, const Quota& quota) {
  values.push_back(ToNullable(quota.sandboxes_max));
  values.push_back(ToNullable(quota.memory_max_bytes));
  values.push_back(ToNullable(quota.lifetime_max_s));
}

Statement SelectRoleQuotas(std::string_view name_space) {
  return {.sql =
              "SELECT role, sandboxes_max, memory_max_bytes, lifetime_max_s FROM role_quotas "
              "WHERE namespace = ?",
          .values = {std::string(name_space)}};
}

Result<std::map<Role, Quota>> ReadRoleQuotas(const Rows& rows) {
  std::map<Role, Quota> quotas;
  for (const Row& row : rows.rows) {
    RowReader reader(row);
    const auto role = ParseRole(reader.Text());
    const Quota quota = ReadQuota(reader);
    auto whole = reader.Finish();
    if (!whole) {
      return Fail(std::move(whole).error().With("role_quotas"));
    }
    if (role) {
      quotas.emplace(*role, quota);
    }
  }
  return quotas;
}

Statement PutRoleQuota(std::string_view name_space, Role role, const Quota& quota) {
  Statement statement{
      .sql =
          "INSERT INTO role_quotas (namespace, role, sandboxes_max, memory_max_bytes, "
          "lifetime_max_s) VALUES (?, ?, ?, ?, ?) ON CONFLICT (namespace, role) DO UPDATE SET "
          "sandboxes_max = excluded.sandboxes_max, memory_max_bytes = "
          "excluded.memory_max_bytes, lifetime_max_s = excluded.lifetime_max_s",
      .values = {std::string(name_space), std::string(Name(role))}};
  AppendQuota(statement.values, quota);
  return statement;
}

}  // namespace paddock::store
