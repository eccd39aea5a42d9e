// What is known of the versions of OCI runtimes: which flaws each still has.
//
// Pure; usable from any thread.
#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/finding.h"

namespace paddock::doctor {

/// Major, minor, patch.
struct Version {
  std::array<int, 3> parts{};
  friend auto operator<=>(const Version&, const Version&) = default;
};

/// The version in "runc version 1.1.5+ds1" or "crun version 1.8.1"; the first line counts.
/// Nothing when there is none (runsc's releases are dates).
[[nodiscard]] std::optional<Version> ParseVersion(std::string_view output);

/// The published flaws that `version` of `runtime` has, newest last, as upstream numbers releases.
[[nodiscard]] std::vector<std::string> KnownFlaws(std::string_view runtime, const Version& version);

/// `output` is what "RUNTIME --version" printed; empty when it is not installed.
[[nodiscard]] Finding JudgeRuntime(std::string_view runtime, std::string_view output);

}  // namespace paddock::doctor
