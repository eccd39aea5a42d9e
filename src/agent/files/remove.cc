// Removing a tree of any depth, with a constant number of descriptors and no recursion.

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "agent/files/file_work.h"
#include "base/unique_fd.h"
#include "protocol/control.h"

namespace paddock::agent::files {

namespace {

// A directory above the one being emptied. Way back up is "..", which is checked against this:
// somebody may move directories about meanwhile.
struct Above {
  dev_t device;
  ino_t inode;
  std::string child;  // the name of the directory below it
};

class TreeRemover {
 public:
  TreeRemover(UniqueFd parent, std::string name)
      : current_(std::move(parent)), pending_(std::move(name)) {}

  Result<void> Run() {
    auto done = Descend(pending_);
    while (done && !path_.empty()) {
      done = EmptyOrDescend();
    }
    return done;
  }

 private:
  Result<void> Descend(const std::string& name) {
    struct stat status{};
    UniqueFd child(
        openat(current_.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!child || fstat(current_.get(), &status) != 0) {
      return FileError(errno, name);
    }
    path_.push_back({.device = status.st_dev, .inode = status.st_ino, .child = name});
    current_ = std::move(child);
    return {};
  }

  // Removes what is in the current directory up to the first subdirectory, and goes there; with
  // none, removes the directory itself.
  Result<void> EmptyOrDescend() {
    // A description of its own: reading starts from the beginning.
    const int fd = openat(current_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(fd < 0 ? nullptr : fdopendir(fd), closedir);
    if (!directory) {
      return FileError(errno, path_.back().child);
    }
    while (const auto* entry = readdir(directory.get())) {
      const std::string name(&entry->d_name[0]);
      if (name == "." || name == ".." || unlinkat(fd, name.c_str(), 0) == 0 || errno == ENOENT) {
        continue;
      }
      if (errno != EISDIR && errno != EPERM) {
        return FileError(errno, name);
      }
      return Descend(name);
    }
    return Ascend();
  }

  Result<void> Ascend() {
    const auto above = std::move(path_.back());
    path_.pop_back();
    UniqueFd parent(openat(current_.get(), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat status{};
    if (!parent || fstat(parent.get(), &status) != 0) {
      return FileError(errno, above.child);
    }
    if (status.st_dev != above.device || status.st_ino != above.inode) {
      return Fail(Code::kConflict, above.child + ": moved while it was being removed");
    }
    current_ = std::move(parent);
    if (unlinkat(current_.get(), above.child.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
      // Somebody put something in again: once more.
      return errno == ENOTEMPTY ? Descend(above.child) : FileError(errno, above.child);
    }
    return {};
  }

  UniqueFd current_;
  std::string pending_;
  std::vector<Above> path_;
};

}  // namespace

Result<void> Remove(WorkerIo& io, const protocol::RemoveRequest& request) {
  auto path = request.path;
  while (path.size() > 1 && path.ends_with('/')) {
    path.pop_back();
  }
  const auto slash = path.rfind('/');
  const auto name = path.substr(slash + 1);
  const auto above = path.substr(0, slash + 1);
  if (name.empty() || name == "." || name == "..") {
    return Fail(Code::kInvalid, request.path + ": cannot be removed");
  }
  UniqueFd parent(open(above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat status{};
  if (!parent || fstatat(parent.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return FileError(errno, request.path);
  }
  const bool is_directory = S_ISDIR(status.st_mode);
  if (unlinkat(parent.get(), name.c_str(), is_directory ? AT_REMOVEDIR : 0) != 0) {
    if (errno != ENOTEMPTY || !request.recursive) {
      return FileError(errno, request.path);
    }
    TreeRemover remover(std::move(parent), name);
    auto removed = remover.Run();
    if (!removed) {
      return Fail(std::move(removed).error().With(request.path));
    }
  }
  std::string frame;
  protocol::AppendEmpty(frame, io.channel(), protocol::FrameType::kResult);
  return io.SendFrame(frame);
}

}  // namespace paddock::agent::files
