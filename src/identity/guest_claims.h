// GuestClaims: what a guest has made goes to the account that the guest signs in to.
//
// The claim is written by the transaction of the sign-in and deleted when everything has been
// handed over, so that nothing is lost when a process dies in between: Run goes on where it was.
//
// Used by Admission. Threading: loop thread only. Ownership: what it refers to outlives it and its
// pending calls.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "store/attempts.h"
#include "store/claims.h"
#include "store/database.h"
#include "store/sql_history.h"

namespace paddock::identity {

/// Hands over all sandboxes of the first user to the second; may be repeated.
using TransferSandboxes =
    std::function<aio::Task<Result<void>>(UserId from, UserId to, Deadline deadline)>;

class GuestClaims {
 public:
  static constexpr std::chrono::seconds kInterval{30};
  static constexpr std::chrono::seconds kTransferTimeMax{30};

  /// What the guest has done with questions and ran goes along in any case; the rest with
  /// `transfer`.
  GuestClaims(store::Database& database, std::string name_space, TransferSandboxes transfer)
      : database_(database),
        table_(database, name_space),
        attempts_(name_space),
        sql_history_(database, std::move(name_space)),
        transfer_(std::move(transfer)) {}

  /// What writes the claim, for the transaction of the sign-in.
  [[nodiscard]] store::Statement Entry(const store::ClaimRecord& claim) const;

  /// Hands over what the claim is about, and forgets it. Fails like TransferSandboxes and
  /// store::Database::Write; then Run does it later.
  [[nodiscard]] aio::Task<Result<void>> Settle(store::ClaimRecord claim, Deadline deadline);

  /// Settles all that was left. Fails as Settle, when one of them did.
  [[nodiscard]] aio::Task<Result<void>> SettleAll();

  /// Settles what was left, now and every kInterval, until it is cancelled.
  [[nodiscard]] aio::Task<void> Run();

 private:
  store::Database& database_;
  store::Claims table_;
  store::AttemptTable attempts_;
  store::SqlHistory sql_history_;
  TransferSandboxes transfer_;
};

}  // namespace paddock::identity
