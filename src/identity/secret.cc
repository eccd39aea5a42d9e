#include "identity/secret.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include <fmt/format.h>

#include "base/random.h"
#include "base/unique_fd.h"
#include "model/ids.h"

namespace paddock::identity {
namespace {

std::unexpected<Error> SystemFailure(std::string_view what, const std::filesystem::path& path) {
  const int error = errno;
  return Fail(Code::kUnavailable,
              fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(error)));
}

Result<Secret> Read(const std::filesystem::path& path, int fd) {
  struct stat status{};
  if (fstat(fd, &status) != 0) {
    return SystemFailure("stat", path);
  }
  if ((status.st_mode & 077U) != 0) {
    return Fail(Code::kInvalid, fmt::format("{} can be read by others: run chmod 600 {}",
                                            path.string(), path.string()));
  }
  Secret secret{};
  const ssize_t length = read(fd, secret.data(), secret.size());
  if (length < 0) {
    return SystemFailure("read", path);
  }
  if (static_cast<std::size_t>(length) != secret.size() ||
      status.st_size != static_cast<off_t>(secret.size())) {
    return Fail(Code::kInvalid,
                fmt::format("{} is not a secret of {} bytes: remove it, and a new one is made "
                            "(everybody has to start a new session then)",
                            path.string(), secret.size()));
  }
  return secret;
}

/// A file is durable only when its directory is.
Result<void> SyncDirectory(const std::filesystem::path& directory) {
  const UniqueFd fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || fsync(fd.get()) != 0) {
    return SystemFailure("sync", directory);
  }
  return {};
}

/// Writes a secret under a name of its own and links it to `path`, which fails when somebody else
/// was first: then theirs is as good. So no reader ever sees half a secret.
Result<void> Create(const std::filesystem::path& path) {
  Secret secret{};
  FillRandom(secret);
  const auto draft = path.parent_path() / fmt::format(".secret-{}", NewIdText());
  const UniqueFd fd(open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) {
    return SystemFailure("create", draft);
  }
  Result<void> outcome;
  if (write(fd.get(), secret.data(), secret.size()) != static_cast<ssize_t>(secret.size()) ||
      fsync(fd.get()) != 0) {
    outcome = SystemFailure("write", draft);
  } else if (link(draft.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    outcome = SystemFailure("create", path);
  }
  unlink(draft.c_str());
  if (!outcome) {
    return outcome;
  }
  return SyncDirectory(path.parent_path());
}

}  // namespace

Result<Secret> LoadOrCreateSecret(const std::filesystem::path& path) {
  constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW;
  UniqueFd fd(open(path.c_str(), kFlags));
  if (!fd && errno == ENOENT) {
    auto created = Create(path);
    if (!created) {
      return Fail(std::move(created).error());
    }
    fd.Reset(open(path.c_str(), kFlags));
  }
  if (!fd) {
    return SystemFailure("open", path);
  }
  return Read(path, fd.get());
}

}  // namespace paddock::identity
