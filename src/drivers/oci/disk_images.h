// DiskImages: makes the sparse ext4 image that holds a sandbox's upper layer.
//
// Its size and number of inodes are the sandbox's ceilings. Formatting takes some 10 ms, so each
// pair of sizes is formatted once and copied from then on; only the few blocks that hold data are.
//
// Threading: loop thread; the copying runs on the pool. Ownership: `pool` outlives every call.
#pragma once

#include <cstdint>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/units.h"

namespace paddock::drivers::oci {

class DiskImages {
 public:
  /// Formatted images are kept in `template_directory`.
  DiskImages(std::string template_directory, boost::asio::thread_pool& pool)
      : directory_(std::move(template_directory)), pool_(&pool) {}

  /// Makes the directory. Before the first Make. Fails with kUnavailable.
  [[nodiscard]] Result<void> Prepare();

  /// Makes a fresh image at `path`, which must not exist; with fewer inodes when
  /// the size does not hold that many. Fails with kDiskFull (the host's),
  /// kInvalid (mkfs refuses the sizes), kUnavailable, kDeadlineExceeded or kCancelled.
  [[nodiscard]] aio::Task<Result<void>> Make(std::string path,
                                             Bytes size,
                                             std::uint64_t inode_count,
                                             Deadline deadline);

  /// The disks are sparse files: should the host's disk run full, what programs in any sandbox have
  /// written could not be kept. Fails with kDiskFull when too little is free around `directory`, or
  /// with kUnavailable.
  [[nodiscard]] static Result<void> CheckRoom(const std::string& directory);

  /// Repairs a disk that may have been in use when the host lost power. Fails with kInternal (it
  /// cannot be repaired unasked), kUnavailable, kDeadlineExceeded or kCancelled.
  [[nodiscard]] static aio::Task<Result<void>> Check(std::string path, Deadline deadline);

 private:
  [[nodiscard]] aio::Task<Result<void>> Format(std::string path,
                                               Bytes size,
                                               std::uint64_t inode_count,
                                               Deadline deadline);

  std::string directory_;
  boost::asio::thread_pool* pool_;
  std::uint64_t made_count_ = 0;  // makes names of unfinished templates unique
};

}  // namespace paddock::drivers::oci
