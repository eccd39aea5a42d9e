// Reading and writing the small files of a cgroup hierarchy, and walking its directories.
//
// Used by cgroups.cc only. Threading: any.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace paddock::drivers::oci {

/// Writes `value` in one write(2). Fails with kNotFound (no such file) or kUnavailable.
[[nodiscard]] Result<void> WriteGroupFile(const std::string& path, std::string_view value);

/// At most 64 KiB of the file; empty when it cannot be read.
[[nodiscard]] std::string ReadGroupFile(const std::string& path);

/// The number that the file starts with.
[[nodiscard]] std::optional<std::uint64_t> ReadGroupNumber(const std::string& path);

/// The number after `key` in a file of "key number" lines.
[[nodiscard]] std::optional<std::uint64_t> ReadGroupField(const std::string& path,
                                                          std::string_view key);

/// `directory` and all below it, deepest first; at most kGroupsMax. Empty when there is none.
[[nodiscard]] std::vector<std::string> GroupsBelow(const std::string& directory);

/// Names of the directories right below `directory`.
[[nodiscard]] std::vector<std::string> ChildGroups(const std::string& directory);

}  // namespace paddock::drivers::oci
