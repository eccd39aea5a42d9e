// Quotas: what each user may use, from their role and their classes.
//
// Per field, the greatest that the role or one of the classes gives; a role that says nothing
// gives what the server allows, a class that says nothing gives nothing; and never more than the
// server allows. Asked at every create, so the answers are kept for a short while, and dropped at
// once by whatever changes them here; another server process sees it when they have grown old.
//
// Threading: loop thread only. Ownership: the database outlives this and its pending calls.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "identity/audit_log.h"
#include "identity/principal.h"
#include "store/classes.h"
#include "store/database.h"
#include "store/quotas.h"

namespace paddock::identity {

/// What somebody may really use: every field says something.
struct Grant {
  std::int64_t sandboxes_max = 0;
  std::int64_t memory_max_bytes = 0;
  std::int64_t lifetime_max_s = 0;
  friend bool operator==(const Grant&, const Grant&) = default;
};

/// The rule itself.
[[nodiscard]] Grant EffectiveGrant(const store::Quota& of_role,
                                   const std::vector<store::Quota>& of_classes,
                                   const Grant& ceiling);

class Quotas {
 public:
  using Time = std::chrono::steady_clock::time_point;

  Quotas(store::Database& database, std::string name_space, Grant ceiling)
      : database_(database),
        name_space_(std::move(name_space)),
        classes_(name_space_),
        ceiling_(ceiling) {}

  /// What is in memory and young enough.
  [[nodiscard]] std::optional<Grant> Peek(const Principal& principal, Time now) const;

  /// The same, asking the store for what is not. Fails like store::Database::Read.
  [[nodiscard]] aio::Task<Result<Grant>> Find(UserId user, Role role, Deadline deadline);

  /// Those that are set. Fails like store::Database::Read.
  [[nodiscard]] aio::Task<Result<std::map<Role, store::Quota>>> OfRoles(Deadline deadline);

  /// Fails like store::Database::Write.
  [[nodiscard]] aio::Task<Result<void>> SetOfRole(Role role,
                                                  store::Quota quota,
                                                  store::Statement audit,
                                                  Deadline deadline);

  /// kInvalid, naming the field, when a class of somebody with `role` would get more than they
  /// have themselves; and like store::Database::Read.
  [[nodiscard]] aio::Task<Result<void>> CheckGift(Role role, store::Quota gift, Deadline deadline);

  void Drop(const UserId& user);
  void DropAll();

  [[nodiscard]] const Grant& ceiling() const noexcept { return ceiling_; }

  static constexpr std::chrono::seconds kAgeMax{15};
  static constexpr std::size_t kUsersMax = 10'000;  // then all are forgotten and asked for again

 private:
  struct Known {
    Role role;
    Grant grant;
    Time read_at;
  };

  [[nodiscard]] store::Quota RoleQuota(Role role) const;

  store::Database& database_;
  std::string name_space_;
  store::ClassTable classes_;
  Grant ceiling_;
  std::map<Role, store::Quota> roles_;
  std::optional<Time> roles_read_at_;
  std::unordered_map<UserId, Known> users_;
  std::uint64_t change_count_ = 0;  // so that what was read before a change is not kept after it
};

}  // namespace paddock::identity
