// Acting: an admin is another user for a while, on the record.
//
// The session that it makes is the user's, with the admin noted in it: whatever is done in it is
// audited as the admin's (audit_log.h), what belongs to the user alone stays refused (policy.h),
// and it ends by itself (Sessions::kActingMax) or with the admin's rights.
//
// Threading: loop thread only. Ownership: what it refers to outlives it and its pending calls.
#pragma once

#include <string>
#include <utility>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "identity/admission.h"
#include "identity/audit_log.h"
#include "identity/sessions.h"
#include "store/database.h"
#include "store/users.h"

namespace paddock::identity {

class Acting {
 public:
  Acting(store::Database& database, std::string name_space, Sessions& sessions, AuditLog& audit)
      : database_(database),
        users_(database, std::move(name_space)),
        sessions_(sessions),
        audit_(audit) {}

  /// kNotFound; kDenied: another admin, whose name one must not take; kConflict: a disabled user.
  /// Fails as store::Database.
  [[nodiscard]] aio::Task<Result<SignedIn>> Begin(AuditContext context,
                                                  ClientInfo client,
                                                  UserId user,
                                                  Deadline deadline);

 private:
  store::Database& database_;
  store::Users users_;
  Sessions& sessions_;
  AuditLog& audit_;
};

}  // namespace paddock::identity
