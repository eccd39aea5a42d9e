#include "agent/stats.h"

#include <sys/statvfs.h>

#include "agent/shepherd.h"

namespace paddock::agent {

protocol::StatsRecord MakeStats(const Services& services) {
  protocol::StatsRecord stats;
  if (services.cgroups != nullptr) {
    const auto usage = services.cgroups->Usage();
    stats.memory = Bytes{usage.memory_bytes};
    stats.cpu_time = usage.cpu_time;
    stats.process_count = usage.process_count;
  }
  if (stats.process_count == 0) {
    stats.process_count = CountProcesses();
  }
  struct statvfs disk{};
  if (statvfs("/", &disk) == 0) {
    stats.disk_total = Bytes{disk.f_blocks * disk.f_frsize};
    stats.disk_used = Bytes{(disk.f_blocks - disk.f_bfree) * disk.f_frsize};
    stats.inode_count = disk.f_files - disk.f_ffree;
    stats.inode_count_max = disk.f_files;
  }
  return stats;
}

}  // namespace paddock::agent
