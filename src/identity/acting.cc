#include "identity/acting.h"

namespace paddock::identity {

aio::Task<Result<SignedIn>> Acting::Begin(AuditContext context,
                                          ClientInfo client,
                                          UserId user,
                                          Deadline deadline) {
  auto found = co_await users_.Find(std::move(user), deadline);
  if (!found) {
    co_return Fail(std::move(found).error());
  }
  if (found->role == Role::kAdmin) {
    co_return Fail(Code::kDenied, "Nobody may act as an admin.");
  }
  if (found->disabled) {
    co_return Fail(Code::kConflict, "The user is disabled: enable them first.");
  }
  auto session = sessions_.Make(found->id, client, context.principal->user);
  auto transaction = sessions_.Entry(session);
  transaction.push_back(audit_.Entry(context, AuditAction::kActingBegun, SubjectOf(*found)));
  auto written = co_await database_.Write(std::move(transaction), deadline);
  if (!written) {
    co_return Fail(std::move(written).error());
  }
  co_return SignedIn{.session = std::move(session), .user = *std::move(found)};
}

}  // namespace paddock::identity
