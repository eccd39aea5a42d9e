// Quotas as the API reads and writes them: of roles, of classes, and what holds in the end.
//
// Pure; any thread.
#pragma once

#include "base/json_writer.h"
#include "gateway/json_body.h"
#include "identity/quotas.h"
#include "sandbox/allowance.h"
#include "store/quotas.h"

namespace paddock::gateway {

/// A missing or null field says nothing. What is refused is kept in the JsonBody.
[[nodiscard]] store::Quota ReadQuota(JsonObject quota);

void WriteQuota(JsonWriter& out, const store::Quota& quota);
void WriteGrant(JsonWriter& out, const identity::Grant& grant);

/// What `server` allows everybody, with the three fields that quotas speak of from `grant`.
[[nodiscard]] sandbox::Allowance AllowanceFrom(const identity::Grant& grant,
                                               sandbox::Allowance server);

}  // namespace paddock::gateway
