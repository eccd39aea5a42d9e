#include "drivers/oci/disk_images.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "aio/offload.h"
#include "aio/process.h"
#include "base/unique_fd.h"

namespace paddock::drivers::oci {
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kBytesPerInodeMin = 1024;
// Of the host's file system; the smaller of the two is left free.
constexpr Bytes kReserveMax = 1_GiB;
constexpr std::uint64_t kReservePercent = 2;
constexpr int kCheckFailed = 4;               // of e2fsck: less means clean, or clean now
constexpr std::ptrdiff_t kTemplatesMax = 64;  // classes of sizes; others are formatted each time

std::unexpected<Error> FailErrno(std::string_view what, const std::string& path) {
  const Code code = errno == ENOSPC || errno == EDQUOT ? Code::kDiskFull : Code::kUnavailable;
  return Fail(code, fmt::format("{} {}: {}", what, path, strerrordesc_np(errno)));
}

Result<void> MakeSparse(const std::string& path, Bytes size) {
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file || ftruncate(file.get(), static_cast<off_t>(size.count)) != 0) {
    return FailErrno("make", path);
  }
  return {};
}

// Copies what holds data and leaves holes as they are.
Result<void> CopySparse(const std::string& from, const std::string& to) {
  const UniqueFd source(open(from.c_str(), O_RDONLY | O_CLOEXEC));
  const UniqueFd target(open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  struct stat status{};
  if (!source || !target || fstat(source.get(), &status) != 0 ||
      ftruncate(target.get(), status.st_size) != 0) {
    return FailErrno("copy to", to);
  }
  off_t start = lseek(source.get(), 0, SEEK_DATA);
  while (start >= 0) {
    const off_t end = lseek(source.get(), start, SEEK_HOLE);
    off_t in = start;
    off_t out = start;
    while (in < end) {
      if (copy_file_range(source.get(), &in, target.get(), &out, static_cast<std::size_t>(end - in),
                          0) <= 0) {
        return FailErrno("copy to", to);
      }
    }
    start = lseek(source.get(), end, SEEK_DATA);
  }
  return {};
}

}  // namespace

Result<void> DiskImages::Prepare() {
  std::error_code failure;
  // Formatted anew by each node, so that a change of options never meets old templates.
  fs::remove_all(directory_, failure);
  fs::create_directories(directory_, failure);
  if (failure) {
    return Fail(Code::kUnavailable, fmt::format("make {}: {}", directory_, failure.message()));
  }
  return {};
}

aio::Task<Result<void>> DiskImages::Format(std::string path,
                                           Bytes size,
                                           std::uint64_t inode_count,
                                           Deadline deadline) {
  if (auto made = MakeSparse(path, size); !made) {
    co_return made;
  }
  // No journal: after a crash of the host fsck would have to run, but a sandbox's scratch disk is
  // not worth writing everything twice. No reserved blocks: the learner is root of it.
  aio::Command command;
  command.argv = {"mkfs.ext4",
                  "-q",
                  "-F",
                  "-m",
                  "0",
                  "-b",
                  "4096",
                  "-I",
                  "256",
                  "-O",
                  "^has_journal,^resize_inode",
                  "-E",
                  "lazy_itable_init=1,nodiscard",
                  "-N",
                  std::to_string(inode_count),
                  path};
  auto outcome = co_await aio::RunCommand(std::move(command), deadline);
  if (!outcome) {
    co_return Fail(std::move(outcome).error().With("format a disk"));
  }
  if (!outcome->exit.is_success()) {
    co_return Fail(Code::kInvalid,
                   fmt::format("format a disk of {} bytes and {} inodes: {}: {}", size.count,
                               inode_count, outcome->exit.Describe(), outcome->output));
  }
  co_return Result<void>{};
}

aio::Task<Result<void>> DiskImages::Make(std::string path,
                                         Bytes size,
                                         std::uint64_t inode_count,
                                         Deadline deadline) {
  // The table of inodes lies on the disk too; it must leave room for what they are for.
  inode_count = std::min(inode_count, size.count / kBytesPerInodeMin);
  const auto master = fmt::format("{}/{}-{}.img", directory_, size.count, inode_count);
  if (access(master.c_str(), F_OK) != 0) {
    std::error_code ignored;
    if (std::distance(fs::directory_iterator(directory_, ignored), {}) >= kTemplatesMax) {
      co_return co_await Format(std::move(path), size, inode_count, deadline);
    }
    const auto unfinished = fmt::format("{}/.{}.img", directory_, made_count_++);
    auto formatted = co_await Format(unfinished, size, inode_count, deadline);
    if (!formatted) {
      unlink(unfinished.c_str());
      co_return formatted;
    }
    if (rename(unfinished.c_str(), master.c_str()) != 0) {
      co_return FailErrno("rename", unfinished);
    }
  }
  auto copy = [master, path] { return CopySparse(master, path); };
  co_return co_await aio::Offload(*pool_, std::move(copy));
}

Result<void> DiskImages::CheckRoom(const std::string& directory) {
  struct statfs status{};
  if (statfs(directory.c_str(), &status) != 0) {
    return FailErrno("statfs", directory);
  }
  const auto block_size = static_cast<std::uint64_t>(status.f_bsize);
  const std::uint64_t reserve =
      std::min(kReserveMax.count, status.f_blocks * block_size / 100 * kReservePercent);
  if (status.f_bavail * block_size < reserve) {
    return Fail(Code::kDiskFull,
                fmt::format("less than {} bytes are free below {}", reserve, directory));
  }
  return {};
}

aio::Task<Result<void>> DiskImages::Check(std::string path, Deadline deadline) {
  aio::Command command;
  command.argv = {"e2fsck", "-p", path};
  auto outcome = co_await aio::RunCommand(std::move(command), deadline);
  if (!outcome) {
    co_return Fail(std::move(outcome).error().With("check the disk"));
  }
  if (outcome->exit.exit_code.value_or(kCheckFailed) >= kCheckFailed) {
    co_return Fail(Code::kInternal, fmt::format("the disk is damaged: {}", outcome->output));
  }
  co_return Result<void>{};
}

}  // namespace paddock::drivers::oci
