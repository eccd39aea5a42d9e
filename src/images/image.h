// Image: a root file system, built once from a recipe and shared read-only by many sandboxes.
//
// An image has two names. Its *name* ("base") is what people write and may point to a newer build
// tomorrow; its *digest* never changes meaning: it is the SHA-256 of the recipe, of the version of
// the builder and of the exact version of every installed package. A sandbox is pinned by digest.
//
// Plain values, usable from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/units.h"

namespace paddock::images {

/// What the image needs to work well. Zero means that it does not say.
struct MinimumLimits {
  Bytes memory;
  Bytes disk;
  int process_count = 0;
  friend bool operator==(const MinimumLimits&, const MinimumLimits&) = default;
};

struct Image {
  std::string name;                                // "base"
  std::string digest;                              // "sha256:<64 hex digits>"
  std::map<std::string, std::string> description;  // by language: "en", "zh"
  std::string suite;                               // "bookworm"

  /// On the host: owned by root with ids 0..65535 as they are inside, never written to. Share it
  /// through an idmapped mount. /dev, /proc and /sys are empty directories to mount upon.
  std::filesystem::path rootfs;

  std::map<std::string, std::string> env;  // for every process; PATH, LANG and HOME are always set
  std::string cwd;                         // where a terminal starts: "/root"
  std::string boot;                        // path inside of a program to run at start, or ""
  MinimumLimits minimum;

  std::string recipe_key;  // identity of recipe and builder: what decides whether to build again
  std::chrono::system_clock::time_point built_at;
  Bytes size;  // of all files, as stored

  /// "base@sha256:<hex>", the form in which a sandbox remembers its image.
  [[nodiscard]] std::string PinnedName() const { return name + "@" + digest; }
};

/// 1 to 32 of a-z, 0-9 and '-', starting with a letter.
[[nodiscard]] bool IsImageName(std::string_view text) noexcept;

/// "sha256:" and 64 lower-case hexadecimal digits.
[[nodiscard]] bool IsDigest(std::string_view text) noexcept;

}  // namespace paddock::images
