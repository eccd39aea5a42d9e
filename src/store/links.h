// Links: the table of what lets somebody in: the first admin, whoever is invited, and whoever must
// choose a new password.
//
// A link is found by the SHA-256 of its secret and used up in the transaction of what it is for,
// so that of two who use the last one at once exactly one gets in.
//
// Threading: loop thread only. Ownership: the database outlives it and its pending calls.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "model/ids.h"
#include "model/role.h"
#include "store/database.h"
#include "store/value.h"

namespace paddock::store {

enum class LinkPurpose : std::uint8_t { kFirstAdmin, kInvitation, kReset };

/// "first_admin", "invitation", "reset".
[[nodiscard]] std::string_view Name(LinkPurpose purpose) noexcept;

struct LinkRecord {
  LinkId id;
  LinkPurpose purpose = LinkPurpose::kInvitation;
  Role role = Role::kLearner;                       // that it gives
  std::optional<ClassId> class_id = std::nullopt;   // that it leads into
  std::optional<UserId> user = std::nullopt;        // whose password a reset is for
  std::string note = {};                            // NOLINT: whom it was made for
  std::optional<UserId> created_by = std::nullopt;  // absent: the server itself
  SystemTime created_at = {};                       // NOLINT: may be left out
  SystemTime expires_at = {};                       // NOLINT: may be left out
  std::int64_t uses_left = 1;
};

/// A link with the names that go with it, for whoever follows it.
struct LinkView {
  LinkRecord link;
  std::optional<std::string> class_name = std::nullopt;
  std::optional<std::string> user_name = std::nullopt;  // to sign in with, of a reset's
};

class Links {
 public:
  Links(Database& database, std::string name_space)
      : database_(database), name_space_(std::move(name_space)) {}

  /// A link that may be used at `now`. kNotFound: "The link is not valid any more." All reads fail
  /// as Database::Read.
  [[nodiscard]] aio::Task<Result<LinkView>> FindBySecret(std::string secret_hash,
                                                         SystemTime now,
                                                         Deadline deadline);
  /// Invitations that may still be used, the newest first: into a class, or all of the server
  /// when `class_id` is absent. At most kListedMax.
  [[nodiscard]] aio::Task<Result<std::vector<LinkRecord>>> ListInvitations(
      std::optional<ClassId> class_id, SystemTime now, Deadline deadline);

  [[nodiscard]] Statement Insert(const LinkRecord& link, std::string secret_hash) const;
  /// Takes one use. kNotFound as FindBySecret.
  [[nodiscard]] Statement Use(const LinkId& id, SystemTime now) const;
  /// An invitation, into `class_id` if it is given. kNotFound.
  [[nodiscard]] Statement DeleteInvitation(const LinkId& id,
                                           const std::optional<ClassId>& class_id) const;
  /// All that let in a first admin; all that reset the password of `user`.
  [[nodiscard]] Statement DeleteFirstAdmin() const;
  [[nodiscard]] Statement DeleteResets(const UserId& user) const;
  /// At most `rows_max` that cannot be used any more.
  [[nodiscard]] Statement DeleteExpired(SystemTime now, std::int64_t rows_max) const;

  static constexpr std::int64_t kListedMax = 500;

 private:
  Database& database_;
  std::string name_space_;
};

}  // namespace paddock::store
