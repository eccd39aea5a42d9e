// HostLoad: how busy the host is, for the admin's page.
//
// Reads a few small files of /proc, at most kProcBytesMax of each, and asks the file system of the
// data directory. Any thread; never waits but for the kernel.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace paddock::gateway {

/// What could not be read is zero.
struct HostLoad {
  double one = 0;  // load averages over 1, 5 and 15 minutes
  double five = 0;
  double fifteen = 0;
  int cpu_count = 0;
  std::uint64_t memory_total_bytes = 0;
  std::uint64_t memory_available_bytes = 0;
  std::uint64_t disk_total_bytes = 0;  // of the file system that holds the data directory
  std::uint64_t disk_free_bytes = 0;   // that is left for who is not root
};

[[nodiscard]] HostLoad ReadHostLoad(const std::string& data_dir);

/// The forms of /proc/loadavg and /proc/meminfo.
void ParseLoadAverage(std::string_view text, HostLoad& load);
void ParseMemoryInfo(std::string_view text, HostLoad& load);

}  // namespace paddock::gateway
