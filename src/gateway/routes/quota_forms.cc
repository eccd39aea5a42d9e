#include "gateway/routes/quota_forms.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace paddock::gateway {
namespace {

// Far above what any machine has: only what could not be meant is refused here, and what the
// server allows counts in any case.
constexpr std::int64_t kSandboxesMax = 1000;
constexpr std::int64_t kMemoryBytesMin = std::int64_t{32} << 20U;
constexpr std::int64_t kMemoryBytesMax = std::int64_t{1} << 42U;
constexpr std::int64_t kLifetimeSecondsMin = 10;
constexpr std::int64_t kLifetimeSecondsMax = 366LL * 24 * 3600;

void WriteField(JsonWriter& out, JsonName name, std::optional<std::int64_t> value) {
  out.Key(name);
  if (value) {
    out.Integer(*value);
  } else {
    out.Null();
  }
}

}  // namespace

store::Quota ReadQuota(JsonObject quota) {
  store::Quota read;
  // None at all is a quota: a role may be kept from having machines.
  read.sandboxes_max = quota.OptionalInteger("sandboxes_max", 0, kSandboxesMax);
  read.memory_max_bytes =
      quota.OptionalInteger("memory_max_bytes", kMemoryBytesMin, kMemoryBytesMax);
  read.lifetime_max_s =
      quota.OptionalInteger("lifetime_max_s", kLifetimeSecondsMin, kLifetimeSecondsMax);
  return read;
}

void WriteQuota(JsonWriter& out, const store::Quota& quota) {
  out.BeginObject();
  WriteField(out, "sandboxes_max", quota.sandboxes_max);
  WriteField(out, "memory_max_bytes", quota.memory_max_bytes);
  WriteField(out, "lifetime_max_s", quota.lifetime_max_s);
  out.EndObject();
}

void WriteGrant(JsonWriter& out, const identity::Grant& grant) {
  out.BeginObject()
      .Field("sandboxes_max", grant.sandboxes_max)
      .Field("memory_max_bytes", grant.memory_max_bytes)
      .Field("lifetime_max_s", grant.lifetime_max_s)
      .EndObject();
}

sandbox::Allowance AllowanceFrom(const identity::Grant& grant, sandbox::Allowance server) {
  server.sandboxes_max = static_cast<int>(grant.sandboxes_max);
  server.max.memory = {static_cast<std::uint64_t>(grant.memory_max_bytes)};
  server.max.lifetime_max = std::chrono::seconds(grant.lifetime_max_s);
  return server;
}

}  // namespace paddock::gateway
