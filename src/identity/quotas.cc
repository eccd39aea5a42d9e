#include "identity/quotas.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace paddock::identity {
namespace {

using Clock = std::chrono::steady_clock;
using QuotaField = std::optional<std::int64_t> store::Quota::*;

std::int64_t Greatest(QuotaField field,
                      const store::Quota& of_role,
                      const std::vector<store::Quota>& of_classes,
                      std::int64_t ceiling) {
  std::int64_t greatest = (of_role.*field).value_or(ceiling);
  for (const store::Quota& quota : of_classes) {
    greatest = std::max(greatest, (quota.*field).value_or(0));
  }
  return std::min(greatest, ceiling);
}

Result<void> CheckField(std::string_view name,
                        std::optional<std::int64_t> gift,
                        std::int64_t own,
                        Role role) {
  if (!gift || *gift <= own) {
    return {};
  }
  return Fail(Code::kInvalid, fmt::format("quota.{} must be at most {}, which is what a {} has",
                                          name, own, Name(role)));
}

}  // namespace

Grant EffectiveGrant(const store::Quota& of_role,
                     const std::vector<store::Quota>& of_classes,
                     const Grant& ceiling) {
  return {.sandboxes_max =
              Greatest(&store::Quota::sandboxes_max, of_role, of_classes, ceiling.sandboxes_max),
          .memory_max_bytes = Greatest(&store::Quota::memory_max_bytes, of_role, of_classes,
                                       ceiling.memory_max_bytes),
          .lifetime_max_s =
              Greatest(&store::Quota::lifetime_max_s, of_role, of_classes, ceiling.lifetime_max_s)};
}

std::optional<Grant> Quotas::Peek(const Principal& principal, Time now) const {
  // Nobody who has no account is in a class.
  if (principal.role == Role::kGuest) {
    return roles_read_at_ && now - *roles_read_at_ < kAgeMax
               ? std::optional(EffectiveGrant(RoleQuota(Role::kGuest), {}, ceiling_))
               : std::nullopt;
  }
  const auto found = users_.find(principal.user);
  if (found == users_.end() || found->second.role != principal.role ||
      now - found->second.read_at >= kAgeMax) {
    return std::nullopt;
  }
  return found->second.grant;
}

aio::Task<Result<Grant>> Quotas::Find(UserId user, Role role, Deadline deadline) {
  const auto begun_at = Clock::now();
  const auto change_count = change_count_;
  auto roles = co_await OfRoles(deadline);
  if (!roles) {
    co_return Fail(std::move(roles).error());
  }
  const auto of_role = roles->contains(role) ? roles->at(role) : store::Quota();
  if (role == Role::kGuest) {
    co_return EffectiveGrant(of_role, {}, ceiling_);
  }
  auto statement = classes_.SelectQuotasOf(user);
  auto rows = co_await database_.Read(std::move(statement), deadline);
  auto of_classes = rows ? store::ClassTable::ReadQuotas(*rows) : Fail(std::move(rows).error());
  if (!of_classes) {
    co_return Fail(std::move(of_classes).error());
  }
  const Grant grant = EffectiveGrant(of_role, *of_classes, ceiling_);
  if (change_count == change_count_) {
    if (users_.size() >= kUsersMax) {
      users_.clear();
    }
    users_.insert_or_assign(std::move(user),
                            Known{.role = role, .grant = grant, .read_at = begun_at});
  }
  co_return grant;
}

aio::Task<Result<std::map<Role, store::Quota>>> Quotas::OfRoles(Deadline deadline) {
  const auto begun_at = Clock::now();
  if (roles_read_at_ && begun_at - *roles_read_at_ < kAgeMax) {
    co_return roles_;
  }
  const auto change_count = change_count_;
  auto statement = store::SelectRoleQuotas(name_space_);
  auto rows = co_await database_.Read(std::move(statement), deadline);
  auto roles = rows ? store::ReadRoleQuotas(*rows) : Fail(std::move(rows).error());
  if (roles && change_count == change_count_) {
    roles_ = *roles;
    roles_read_at_ = begun_at;
  }
  co_return roles;
}

aio::Task<Result<void>> Quotas::SetOfRole(Role role,
                                          store::Quota quota,
                                          store::Statement audit,
                                          Deadline deadline) {
  store::Transaction transaction;
  transaction.push_back(store::PutRoleQuota(name_space_, role, quota));
  transaction.push_back(std::move(audit));
  auto written = co_await database_.Write(std::move(transaction), deadline);
  // Also after a failure: it may have happened nevertheless.
  DropAll();
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  co_return Result<void>();
}

aio::Task<Result<void>> Quotas::CheckGift(Role role, store::Quota gift, Deadline deadline) {
  auto roles = co_await OfRoles(deadline);
  if (!roles) {
    co_return Fail(std::move(roles).error());
  }
  const auto of_role = roles->contains(role) ? roles->at(role) : store::Quota();
  const Grant own = EffectiveGrant(of_role, {}, ceiling_);
  auto fits = CheckField("sandboxes_max", gift.sandboxes_max, own.sandboxes_max, role);
  if (fits) {
    fits = CheckField("memory_max_bytes", gift.memory_max_bytes, own.memory_max_bytes, role);
  }
  if (fits) {
    fits = CheckField("lifetime_max_s", gift.lifetime_max_s, own.lifetime_max_s, role);
  }
  co_return fits;
}

void Quotas::Drop(const UserId& user) {
  ++change_count_;
  users_.erase(user);
}

void Quotas::DropAll() {
  ++change_count_;
  users_.clear();
  roles_read_at_.reset();
}

store::Quota Quotas::RoleQuota(Role role) const {
  const auto found = roles_.find(role);
  return found == roles_.end() ? store::Quota() : found->second;
}

}  // namespace paddock::identity
