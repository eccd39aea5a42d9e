// ApiTokens: the table of personal tokens, for programs that act as their owner.
//
// Threading: loop thread only. Ownership: the database outlives it and its pending calls.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
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

inline constexpr std::int64_t kApiTokensPerUserMax = 50;

struct ApiTokenRecord {
  ApiTokenId id;
  UserId user;
  std::string name = {};       // NOLINT: may be left out
  std::string scopes = {};     // NOLINT: separated by spaces
  SystemTime created_at = {};  // NOLINT: may be left out
  std::optional<SystemTime> expires_at = std::nullopt;
  std::optional<SystemTime> used_at = std::nullopt;
};

/// A token with what is known of its owner now.
struct ApiTokenHolder {
  ApiTokenRecord token;
  Role role = Role::kGuest;
  std::string name = {};  // NOLINT: to show
  bool disabled = false;
};

class ApiTokens {
 public:
  ApiTokens(Database& database, std::string name_space)
      : database_(database), name_space_(std::move(name_space)) {}

  /// kNotFound. All reads fail as Database::Read.
  [[nodiscard]] aio::Task<Result<ApiTokenHolder>> FindBySecret(std::string secret_hash,
                                                               Deadline deadline);
  /// The newest first.
  [[nodiscard]] aio::Task<Result<std::vector<ApiTokenRecord>>> List(UserId user, Deadline deadline);

  /// kConflict when the user has kApiTokensPerUserMax.
  [[nodiscard]] Statement Insert(const ApiTokenRecord& token, std::string secret_hash) const;
  [[nodiscard]] Statement Touch(const ApiTokenId& id, SystemTime now) const;
  /// kNotFound: the user has no such token.
  [[nodiscard]] Statement DeleteOf(const UserId& user, const ApiTokenId& id) const;

 private:
  Database& database_;
  std::string name_space_;
};

}  // namespace paddock::store
