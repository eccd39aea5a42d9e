// BuildLog: the whole output of a build in a file, and its last lines in memory.
//
// Used by the builder, from one thread. A full disk is remembered, never fatal: the last lines are
// what the message needs then.
#pragma once

#include <deque>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace paddock::images {

class BuildLog {
 public:
  /// Fails like WriteFile.
  [[nodiscard]] static Result<BuildLog> Create(const std::filesystem::path& path);

  void Add(std::string_view line);

  /// The last lines, one per line, indented for a message.
  [[nodiscard]] std::string Tail() const;

  /// True when the output, or writing it down, spoke of a full disk.
  [[nodiscard]] bool disk_was_full() const noexcept { return disk_was_full_; }

  /// True when apt said that there is no such package.
  [[nodiscard]] bool package_was_unknown() const noexcept { return package_was_unknown_; }

 private:
  explicit BuildLog(UniqueFd file) : file_(std::move(file)) {}

  UniqueFd file_;
  std::deque<std::string> tail_;
  bool disk_was_full_ = false;
  bool package_was_unknown_ = false;
};

}  // namespace paddock::images
