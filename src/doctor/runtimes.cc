#include "doctor/runtimes.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace paddock::doctor {
namespace {

// A flaw is mended from `fixed` on, within the branch of releases that starts at `since`.
struct Flaw {
  std::string_view runtime;
  Version since;
  Version fixed;
  std::string_view name;
};

constexpr std::string_view kMaskedPaths =
    "CVE-2025-31133, -52565, -52881 (masked paths, /dev/console)";

constexpr std::array<Flaw, 5> kFlaws{{
    {"runc", {{0, 0, 0}}, {{1, 1, 12}}, "CVE-2024-21626 (leaked descriptor)"},
    {"runc", {{0, 0, 0}}, {{1, 2, 8}}, kMaskedPaths},
    {"runc", {{1, 3, 0}}, {{1, 3, 3}}, kMaskedPaths},
    {"crun", {{0, 0, 0}}, {{1, 27, 0}}, "CVE-2026-30892 (exec as the wrong user)"},
    {"crun", {{0, 0, 0}}, {{1, 28, 0}}, "CVE-2026-47766 (/dev as a link in the image)"},
}};

}  // namespace

std::optional<Version> ParseVersion(std::string_view output) {
  constexpr std::string_view kBefore = " version ";
  const auto line = output.substr(0, output.find('\n'));
  const std::size_t at = line.find(kBefore);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  auto rest = line.substr(at + kBefore.size());
  Version version;
  for (int& part : version.parts) {
    const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), part);
    if (error != std::errc()) {
      return std::nullopt;
    }
    rest.remove_prefix(static_cast<std::size_t>(stop - rest.data()));
    const bool is_last = &part == &version.parts.back();
    if (!is_last && !rest.starts_with('.')) {
      // "1.28" is 1.28.0.
      return &part == version.parts.data() ? std::nullopt : std::optional(version);
    }
    rest.remove_prefix(is_last ? 0 : 1);
  }
  return version;
}

std::vector<std::string> KnownFlaws(std::string_view runtime, const Version& version) {
  std::vector<std::string> names;
  for (const Flaw& flaw : kFlaws) {
    if (flaw.runtime == runtime && version >= flaw.since && version < flaw.fixed) {
      names.emplace_back(flaw.name);
    }
  }
  return names;
}

Finding JudgeRuntime(std::string_view runtime, std::string_view output) {
  Finding finding{.grade = Grade::kGood, .matter = std::string(runtime), .text = {}, .remedy = {}};
  if (output.empty()) {
    finding.grade = Grade::kWarning;
    finding.text = "not installed";
    finding.remedy = fmt::format("apt-get install {}", runtime);
    return finding;
  }
  finding.text = output.substr(0, output.find('\n'));
  const auto version = ParseVersion(output);
  const auto flaws = version ? KnownFlaws(runtime, *version) : std::vector<std::string>();
  if (!flaws.empty()) {
    finding.grade = Grade::kWarning;
    finding.text += fmt::format(", which has {}", fmt::join(flaws, "; "));
    finding.remedy = fmt::format(
        "install a newer {}, or see in /usr/share/doc/{}/changelog.Debian.gz whether "
        "Debian has mended this version; Paddock's images are its own, it never lets "
        "the runtime enter a running sandbox, and its sandboxes have their own user "
        "ids, so these flaws are hard to reach",
        runtime, runtime);
  }
  return finding;
}

}  // namespace paddock::doctor
