#include "sandbox/limit_policy.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace paddock::sandbox {
namespace {

struct Case {
  std::string name;  // of the field in the API
  std::function<void(Limits&, int percent)> scale;
};

// Each changes one field to a share of what it was.
const std::vector<Case>& Cases() {
  static const std::vector<Case> cases{
      {"memory_bytes",
       [](Limits& limits, int percent) {
         limits.memory.count = limits.memory.count * static_cast<std::uint64_t>(percent) / 100;
       }},
      {"cpu_millis",
       [](Limits& limits, int percent) {
         limits.cpu.count = limits.cpu.count * static_cast<std::uint32_t>(percent) / 100;
       }},
      {"pids_max",
       [](Limits& limits, int percent) {
         limits.process_count_max = limits.process_count_max * percent / 100;
       }},
      {"disk_bytes",
       [](Limits& limits, int percent) {
         limits.disk.count = limits.disk.count * static_cast<std::uint64_t>(percent) / 100;
       }},
      {"inodes_max",
       [](Limits& limits, int percent) {
         limits.inode_count_max =
             limits.inode_count_max * static_cast<std::uint64_t>(percent) / 100;
       }},
      {"lifetime_s", [](Limits& limits, int percent) {
         limits.lifetime_max = limits.lifetime_max * percent / 100;
       }}};
  return cases;
}

std::string Refusal(const LimitPolicy& policy, const Limits& limits) {
  const auto checked = policy.Check(limits);
  EXPECT_TRUE(checked || checked.error().code == Code::kInvalid);
  return checked ? std::string() : checked.error().message;
}

TEST(LimitPolicy, AFieldOutsideItsBoundsIsRefusedByNameWithTheBounds) {
  const LimitPolicy policy;
  EXPECT_EQ(Refusal(policy, policy.min), "");
  EXPECT_EQ(Refusal(policy, policy.initial), "");
  EXPECT_EQ(Refusal(policy, policy.max), "");
  for (const Case& field : Cases()) {
    for (const int percent : {0, -100, 50}) {
      Limits limits = policy.min;
      field.scale(limits, percent);
      EXPECT_NE(Refusal(policy, limits).find("limits." + field.name), std::string::npos);
    }
    Limits limits = policy.max;
    field.scale(limits, 101);
    EXPECT_NE(Refusal(policy, limits).find("limits." + field.name), std::string::npos);
  }
  Limits limits = policy.max;
  limits.process_count_max += 1;
  EXPECT_EQ(Refusal(policy, limits), "limits.pids_max must be from 16 to 4096");
}

TEST(LimitPolicy, TheSmallerOfTwoCeilingsCountsForEachField) {
  const LimitPolicy server;
  for (const Case& field : Cases()) {
    Limits ceiling = server.max;
    field.scale(ceiling, 50);
    const LimitPolicy policy = server.Under(ceiling);
    EXPECT_EQ(policy.max, ceiling);
    EXPECT_EQ(Refusal(policy, ceiling), "");
    EXPECT_NE(Refusal(policy, server.max).find("limits." + field.name), std::string::npos);
    Limits above = server.max;
    field.scale(above, 200);
    EXPECT_EQ(server.Under(above).max, server.max) << "an allowance never widens";
  }
}

TEST(LimitPolicy, WhoAsksForNothingIsNeverRefusedForAskingTooMuch) {
  const LimitPolicy server;
  for (const Case& field : Cases()) {
    Limits ceiling = server.initial;
    field.scale(ceiling, 50);
    const LimitPolicy policy = server.Under(ceiling);
    EXPECT_EQ(policy.initial, ceiling);
    EXPECT_EQ(Refusal(policy, policy.initial), "");
  }
  EXPECT_EQ(server.Under(server.max).initial, server.initial);
}

TEST(LimitPolicy, ACeilingBelowWhatASandboxNeedsIsToldAsThat) {
  const LimitPolicy server;
  Limits ceiling = server.max;
  ceiling.memory = 16_MiB;
  const LimitPolicy policy = server.Under(ceiling);
  EXPECT_EQ(Refusal(policy, policy.initial),
            "limits.memory_bytes: a sandbox needs at least 33554432, and you may have 16777216");
}

}  // namespace
}  // namespace paddock::sandbox
