#include "gateway/routes/host_load.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <thread>

#include "base/unique_fd.h"

namespace paddock::gateway {
namespace {

constexpr std::size_t kProcBytesMax = 8192;

std::string ReadStart(const char* path) {
  const UniqueFd file(open(path, O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return {};
  }
  std::array<char, kProcBytesMax> buffer{};
  const auto count = read(file.get(), buffer.data(), buffer.size());
  return count > 0 ? std::string(buffer.data(), static_cast<std::size_t>(count)) : std::string();
}

/// Takes the next number off `text`, behind any spaces.
template <class Number>
Number TakeNumber(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  Number number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc()) {
    return 0;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// The bytes in the line "NAME:   123 kB".
std::uint64_t MemoryField(std::string_view text, std::string_view name) {
  const auto at = text.find(name);
  if (at == std::string_view::npos) {
    return 0;
  }
  text.remove_prefix(at + name.size());
  return TakeNumber<std::uint64_t>(text) * 1024;
}

}  // namespace

void ParseLoadAverage(std::string_view text, HostLoad& load) {
  load.one = TakeNumber<double>(text);
  load.five = TakeNumber<double>(text);
  load.fifteen = TakeNumber<double>(text);
}

void ParseMemoryInfo(std::string_view text, HostLoad& load) {
  load.memory_total_bytes = MemoryField(text, "MemTotal:");
  load.memory_available_bytes = MemoryField(text, "MemAvailable:");
}

HostLoad ReadHostLoad(const std::string& data_dir) {
  HostLoad load;
  ParseLoadAverage(ReadStart("/proc/loadavg"), load);
  ParseMemoryInfo(ReadStart("/proc/meminfo"), load);
  load.cpu_count = static_cast<int>(std::thread::hardware_concurrency());
  struct statvfs disk{};
  if (statvfs(data_dir.c_str(), &disk) == 0) {
    load.disk_total_bytes = std::uint64_t{disk.f_blocks} * disk.f_frsize;
    load.disk_free_bytes = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  }
  return load;
}

}  // namespace paddock::gateway
