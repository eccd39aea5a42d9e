#include "drivers/oci/spec_rules.h"

#include <string>
#include <string_view>

#include <fmt/format.h>

namespace paddock::drivers::oci {
namespace {

// Below these a runtime cannot start, or mkfs makes no file system.
constexpr Bytes kMemoryMin = 32_MiB;
constexpr MilliCpu kCpuMin{10};
constexpr int kProcessCountMin = 16;
constexpr Bytes kDiskMin = 8_MiB;
constexpr std::uint64_t kInodeCountMin = 256;
constexpr int kRunscThreads = 512;  // seen: 110 when idle, 27 for each process
constexpr int kRunscThreadsPerProcess = 32;

}  // namespace

Result<void> CheckSpec(const sandbox::Spec& spec) {
  const sandbox::Limits& limits = spec.limits;
  if (!IsIdText(spec.id.value()) || !IsIdText(spec.owner.value())) {
    return Fail(Code::kInvalid, "id and owner must be ids");
  }
  if (limits.memory < kMemoryMin || limits.cpu < kCpuMin || limits.disk < kDiskMin ||
      limits.process_count_max < kProcessCountMin || limits.inode_count_max < kInodeCountMin ||
      limits.lifetime_max.count() <= 0) {
    return Fail(Code::kInvalid,
                fmt::format("limits too small: at least {} bytes of memory, {} thousandths of a "
                            "core, {} processes, {} bytes and {} inodes of disk, 1 s of life",
                            kMemoryMin.count, kCpuMin.count, kProcessCountMin, kDiskMin.count,
                            kInodeCountMin));
  }
  for (const auto& [name, value] : spec.env) {
    if (name.empty() || name.find('=') != std::string::npos ||
        name.find('\0') != std::string::npos || value.find('\0') != std::string::npos) {
      return Fail(Code::kInvalid, "env: names without '=', and no NUL anywhere");
    }
  }
  return {};
}

Result<void> CheckMinimum(const sandbox::Spec& spec, const ImageRoot& image) {
  const auto refuse = [&](std::string_view limit, auto least) {
    return Fail(Code::kInvalid, fmt::format("limits.{}: the image '{}' needs at least {}", limit,
                                            spec.image, least));
  };
  if (spec.limits.memory < image.memory_min) {
    return refuse("memory_bytes", image.memory_min.count);
  }
  if (spec.limits.disk < image.disk_min) {
    return refuse("disk_bytes", image.disk_min.count);
  }
  if (spec.limits.process_count_max < image.process_count_min) {
    return refuse("pids_max", image.process_count_min);
  }
  return {};
}

sandbox::Limits HostLimits(const Runtime& runtime, sandbox::Limits limits) {
  if (runtime.kind == RuntimeKind::kRunsc) {
    limits.process_count_max = kRunscThreads + kRunscThreadsPerProcess * limits.process_count_max;
  }
  return limits;
}

}  // namespace paddock::drivers::oci
