#include "sandbox/limit_policy.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include <fmt/format.h>

namespace paddock::sandbox {
namespace {

struct Field {
  std::string_view name;  // in the API
  std::uint64_t (*read)(const Limits& limits);
};

// A negative number has no meaning here; as the smallest it is below every bound.
std::uint64_t Counted(std::int64_t number) {
  return number < 0 ? 0 : static_cast<std::uint64_t>(number);
}

constexpr auto kFields = std::to_array<Field>({
    {"memory_bytes", [](const Limits& limits) { return limits.memory.count; }},
    {"cpu_millis", [](const Limits& limits) { return std::uint64_t{limits.cpu.count}; }},
    {"pids_max", [](const Limits& limits) { return Counted(limits.process_count_max); }},
    {"disk_bytes", [](const Limits& limits) { return limits.disk.count; }},
    {"inodes_max", [](const Limits& limits) { return limits.inode_count_max; }},
    {"lifetime_s", [](const Limits& limits) { return Counted(limits.lifetime_max.count()); }},
});

Limits Smaller(const Limits& left, const Limits& right) {
  return {.memory = std::min(left.memory, right.memory),
          .cpu = std::min(left.cpu, right.cpu),
          .process_count_max = std::min(left.process_count_max, right.process_count_max),
          .disk = std::min(left.disk, right.disk),
          .inode_count_max = std::min(left.inode_count_max, right.inode_count_max),
          .lifetime_max = std::min(left.lifetime_max, right.lifetime_max)};
}

}  // namespace

Result<void> LimitPolicy::Check(const Limits& limits) const {
  for (const Field& field : kFields) {
    const auto least = field.read(min);
    const auto most = field.read(max);
    const auto wanted = field.read(limits);
    if (most < least) {
      return Fail(Code::kInvalid,
                  fmt::format("limits.{}: a sandbox needs at least {}, and you may have {}",
                              field.name, least, most));
    }
    if (wanted < least || wanted > most) {
      return Fail(Code::kInvalid,
                  fmt::format("limits.{} must be from {} to {}", field.name, least, most));
    }
  }
  return {};
}

LimitPolicy LimitPolicy::Under(const Limits& ceiling) const {
  const Limits lowered = Smaller(max, ceiling);
  return {.min = min, .initial = Smaller(initial, lowered), .max = lowered};
}

}  // namespace paddock::sandbox
