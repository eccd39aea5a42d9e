// Claims: the table of guests whose belongings an account has claimed and not yet wholly got.
//
// Written with the sign-in, deleted when everything has been handed over: a server that dies in
// between finds what is left to do when it starts.
//
// Threading: loop thread only. Ownership: the database outlives it and its pending calls.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "model/ids.h"
#include "store/database.h"
#include "store/value.h"

namespace paddock::store {

struct ClaimRecord {
  UserId guest;
  UserId user;
};

class Claims {
 public:
  Claims(Database& database, std::string name_space)
      : database_(database), name_space_(std::move(name_space)) {}

  /// The oldest first, at most kListedMax. Fails as Database::Read.
  [[nodiscard]] aio::Task<Result<std::vector<ClaimRecord>>> List(Deadline deadline);

  /// Who claims a guest first gets what it has; a second claim changes nothing.
  [[nodiscard]] Statement Insert(const ClaimRecord& claim, SystemTime now) const;
  [[nodiscard]] Statement Delete(const ClaimRecord& claim) const;

  static constexpr std::int64_t kListedMax = 100;

 private:
  Database& database_;
  std::string name_space_;
};

}  // namespace paddock::store
