#include "runners/hosted/owner_lease.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "sandbox/system_owner.h"

namespace paddock::runners::hosted {
namespace {

namespace fs = std::filesystem;

constexpr int kFileMode = 0600;

std::unexpected<Error> SystemFailure(std::string_view what, const fs::path& path) {
  const int error = errno;
  return Fail(Code::kUnavailable,
              fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(error)));
}

/// No sandbox is ever made for an owner that a loss of power could take away.
Result<void> Keep(const UserId& owner, int file, const fs::path& path) {
  const std::string& text = owner.value();
  if (ftruncate(file, 0) != 0 ||
      pwrite(file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()) ||
      fsync(file) != 0) {
    return SystemFailure("write", path);
  }
  const UniqueFd directory(open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || fsync(directory.get()) != 0) {
    return SystemFailure("sync", path.parent_path());
  }
  return {};
}

/// What is in the file, or else somebody new. One that is half written was never used.
Result<UserId> ReadOrMake(int file, const fs::path& path) {
  std::array<char, kIdLength + 1> text{};
  const ssize_t size = pread(file, text.data(), text.size(), 0);
  if (size < 0) {
    return SystemFailure("read", path);
  }
  const std::string_view kept(text.data(), static_cast<std::size_t>(size));
  if (IsIdText(kept) && sandbox::IsSystemOwner(UserId(std::string(kept)))) {
    return UserId(std::string(kept));
  }
  UserId made = sandbox::NewSystemOwner();
  auto written = Keep(made, file, path);
  if (!written) {
    return Fail(std::move(written).error());
  }
  return made;
}

}  // namespace

Result<OwnerLease> OwnerLease::Take(const fs::path& directory) {
  for (int number = 0; number < kOwnersMax; ++number) {
    const fs::path path = directory / fmt::format("sandbox-owner-{}", number);
    UniqueFd file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kFileMode));
    if (!file) {
      return SystemFailure("open", path);
    }
    if (flock(file.get(), LOCK_EX | LOCK_NB) == 0) {
      auto owner = ReadOrMake(file.get(), path);
      if (!owner) {
        return Fail(std::move(owner).error());
      }
      return OwnerLease(std::move(file), *std::move(owner));
    }
    if (errno != EWOULDBLOCK) {
      return SystemFailure("lock", path);
    }
  }
  return Fail(Code::kExhausted, fmt::format("{} servers use {}", kOwnersMax, directory.string()));
}

}  // namespace paddock::runners::hosted
