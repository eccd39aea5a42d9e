#include "drivers/oci/cgroup_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "base/unique_fd.h"

namespace paddock::drivers::oci {
namespace {

constexpr std::size_t kFileMax = std::size_t{64} * 1024;
constexpr std::size_t kGroupsMax = 100'000;  // a sandbox may have made that many of its own

std::optional<std::uint64_t> ParseNumber(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{}) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

Result<void> WriteGroupFile(const std::string& path, std::string_view value) {
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file && write(file.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size())) {
    return {};
  }
  const Code code = errno == ENOENT ? Code::kNotFound : Code::kUnavailable;
  return Fail(code, fmt::format("write '{}' to {}: {}", value, path, strerrordesc_np(errno)));
}

std::string ReadGroupFile(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file) {
    return {};
  }
  std::string content(kFileMax, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t count = read(file.get(), content.data() + size, content.size() - size);
    if (count <= 0) {
      break;
    }
    size += static_cast<std::size_t>(count);
  }
  content.resize(size);
  return content;
}

std::optional<std::uint64_t> ReadGroupNumber(const std::string& path) {
  return ParseNumber(ReadGroupFile(path));
}

std::optional<std::uint64_t> ReadGroupField(const std::string& path, std::string_view key) {
  const std::string content = ReadGroupFile(path);
  const auto wanted = fmt::format("{} ", key);
  std::size_t start = 0;
  while (start < content.size()) {
    const std::string_view rest = std::string_view(content).substr(start);
    if (rest.starts_with(wanted)) {
      return ParseNumber(rest.substr(wanted.size()));
    }
    const auto end = content.find('\n', start);
    if (end == std::string::npos) {
      break;
    }
    start = end + 1;
  }
  return std::nullopt;
}

std::vector<std::string> ChildGroups(const std::string& directory) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(opendir(directory.c_str()), &closedir);
  if (!stream) {
    return names;
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe): each stream belongs to one call
  while (const dirent* entry = readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (entry->d_type == DT_DIR && name != "." && name != ".." && names.size() < kGroupsMax) {
      names.emplace_back(name);
    }
  }
  return names;
}

std::vector<std::string> GroupsBelow(const std::string& directory) {
  std::vector<std::string> groups;
  if (access(directory.c_str(), F_OK) != 0) {
    return groups;
  }
  groups.push_back(directory);
  // Parents come before their children; the list is turned round at the end.
  for (std::size_t next = 0; next < groups.size() && groups.size() < kGroupsMax; ++next) {
    for (const std::string& child : ChildGroups(groups[next])) {
      groups.push_back(fmt::format("{}/{}", groups[next], child));
    }
  }
  std::ranges::reverse(groups);
  return groups;
}

}  // namespace paddock::drivers::oci
