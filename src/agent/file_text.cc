#include "agent/file_text.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <charconv>

#include "base/unique_fd.h"

namespace paddock::agent {

std::optional<std::string> ReadSmallFile(int at, const char* path, std::size_t size_max) {
  const UniqueFd fd(openat(at, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status{};
  if (!fd || fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  std::string text;
  constexpr std::size_t kStep = 4096;
  while (text.size() < size_max) {
    const auto had = text.size();
    text.resize(std::min(had + kStep, size_max));
    const auto got = read(fd.get(), text.data() + had, text.size() - had);
    text.resize(had + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got <= 0) {
      break;
    }
  }
  return text;
}

bool WriteControlFile(int at, const char* path, std::string_view text) {
  const UniqueFd fd(openat(at, path, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  return fd && write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

std::optional<std::uint64_t> ParseNumber(std::string_view text) {
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc()) {
    return std::nullopt;
  }
  return value;
}

std::string_view TakeUntil(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto piece = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return piece;
}

std::optional<std::uint64_t> ReadNumber(int at, const char* path) {
  return ParseNumber(ReadSmallFile(at, path).value_or(""));
}

std::optional<std::uint64_t> ReadKey(int at, const char* path, std::string_view key) {
  const auto text = ReadSmallFile(at, path).value_or("");
  std::string_view rest = text;
  while (!rest.empty()) {
    auto line = TakeUntil(rest, '\n');
    if (TakeUntil(line, ' ') == key) {
      return ParseNumber(line);
    }
  }
  return std::nullopt;
}

}  // namespace paddock::agent
