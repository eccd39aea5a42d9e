#include "app/config/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/unique_fd.h"

namespace paddock::app::config {
namespace {

std::unexpected<Error> FailErrno(const std::string& path, int number) {
  const Code code = number == ENOENT                      ? Code::kNotFound
                    : number == EACCES || number == EPERM ? Code::kDenied
                                                          : Code::kUnavailable;
  return Fail(code, fmt::format("cannot read {}: {}", path, std::strerror(number)));
}

}  // namespace

Result<SmallFile> ReadSmallFile(const std::string& path, std::size_t bytes_max) {
  // Without O_NONBLOCK a pipe would wait for its writer.
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status{};
  if (!file || fstat(file.get(), &status) != 0) {
    return FailErrno(path, errno);
  }
  SmallFile small;
  // A device, such as /dev/null, has no owner who could have meant its mode.
  small.is_open_to_others = S_ISREG(status.st_mode) && (status.st_mode & S_IRWXO) != 0;
  std::string block(bytes_max + 1, '\0');
  while (small.text.size() <= bytes_max) {
    const ssize_t count = read(file.get(), block.data(), block.size());
    if (count < 0 && errno != EINTR) {
      return FailErrno(path, errno);
    }
    if (count == 0) {
      return small;
    }
    if (count > 0) {
      small.text.append(block, 0, static_cast<std::size_t>(count));
    }
  }
  return Fail(Code::kInvalid, fmt::format("{} is longer than {} bytes", path, bytes_max));
}

Result<std::string> ReadSecretFile(const std::string& path) {
  if (path.empty()) {
    return Fail(Code::kInvalid, "must be the name of a file");
  }
  auto file = ReadSmallFile(path, kSecretFileBytesMax);
  if (!file) {
    return Fail(std::move(file).error());
  }
  if (file->is_open_to_others) {
    return Fail(Code::kInvalid,
                fmt::format("{0} is open to every user of this host: chmod o= {0}", path));
  }
  std::string secret = std::move(file->text);
  while (secret.ends_with('\n') || secret.ends_with('\r')) {
    secret.pop_back();
  }
  if (secret.empty()) {
    return Fail(Code::kInvalid, fmt::format("{} is empty", path));
  }
  return secret;
}

}  // namespace paddock::app::config
