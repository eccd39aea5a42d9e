// apt sources: where an image's packages come from.
//
// Paddock names no mirror: it takes the Debian entries of the host's own apt configuration, and
// puts the wanted suite in the place of the host's. Used by the builder. Blocking; any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace paddock::images {

/// One entry of the host, of either of apt's two formats.
struct AptEntry {
  std::string uri;
  std::string suite;
  std::string signed_by;  // path of a keyring, or ""
  friend bool operator==(const AptEntry&, const AptEntry&) = default;
};

/// The enabled binary entries with a `main` component. What cannot be understood is left out: apt
/// itself will have told the operator.
[[nodiscard]] std::vector<AptEntry> ParseOneLineEntries(std::string_view text);
[[nodiscard]] std::vector<AptEntry> ParseDeb822Entries(std::string_view text);

/// Lines of a sources.list that give `suite`, its updates and its security fixes, from the mirror
/// of a host whose own suite is `host_suite`. Entries of other origins (a keyring that is not
/// Debian's, a suite of another name) are left out, and so are media that need a hand (cdrom:).
[[nodiscard]] std::vector<std::string> SourcesFor(std::string_view suite,
                                                  std::string_view host_suite,
                                                  const std::vector<AptEntry>& host_entries);

/// The same, read from APT_DIRECTORY (/etc/apt) and OS_RELEASE (/etc/os-release). Fails with
/// kUnavailable when the host has no usable entry, saying how to mend it.
[[nodiscard]] Result<std::vector<std::string>> ReadSourcesFor(
    std::string_view suite,
    const std::filesystem::path& apt_directory,
    const std::filesystem::path& os_release);

}  // namespace paddock::images
