#include "app/readable.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

namespace paddock::app {
namespace {

namespace fs = std::filesystem;

constexpr int kReadable = 0;
constexpr int kFileRefused = 1;
constexpr int kUserNotTaken = 2;
constexpr int kFolderRefused = 3;  // plus the index of the folder
constexpr std::size_t kFolderCountMax = 64;

std::vector<std::string> FoldersOf(const fs::path& path) {
  std::vector<std::string> folders;
  fs::path folder;
  for (const fs::path& part : path.parent_path()) {
    folder /= part;
    folders.push_back(folder.string());
  }
  folders.resize(std::min(folders.size(), kFolderCountMax));
  return folders;
}

/// In the child: becomes the user and tries. Makes system calls only.
int Try(const std::vector<std::string>& folders, const std::string& path, const UserIds& ids) {
  if (setgroups(0, nullptr) != 0 || setgid(ids.gid) != 0 || setuid(ids.uid) != 0) {
    return kUserNotTaken;
  }
  for (std::size_t i = 0; i < folders.size(); ++i) {
    if (access(folders[i].c_str(), X_OK) != 0 && errno == EACCES) {
      return kFolderRefused + static_cast<int>(i);
    }
  }
  return access(path.c_str(), R_OK) != 0 && errno == EACCES ? kFileRefused : kReadable;
}

std::string GroupName(gid_t id) {
  const group* entry = getgrgid(id);
  return entry == nullptr ? fmt::format("{}", id) : entry->gr_name;
}

}  // namespace

Result<void> CheckReadable(const std::string& path, const std::string& user, const UserIds& ids) {
  std::error_code failure;
  const std::string whole = fs::absolute(path, failure).string();
  const auto folders = FoldersOf(whole);
  const pid_t child = fork();
  if (child == 0) {
    _exit(Try(folders, whole, ids));
  }
  int status = 0;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (child < 0 || !WIFEXITED(status) || WEXITSTATUS(status) == kUserNotTaken) {
    return Fail(Code::kInternal, fmt::format("cannot try to read {} as '{}'", whole, user));
  }
  const int outcome = WEXITSTATUS(status);
  if (outcome == kFileRefused) {
    return Fail(Code::kDenied,
                fmt::format("the server runs as '{}', which may not read {}. Mend it with\n"
                            "  chgrp {} {} && chmod g+r {}",
                            user, whole, GroupName(ids.gid), whole, whole));
  }
  if (outcome >= kFolderRefused) {
    const std::string& folder = folders[static_cast<std::size_t>(outcome - kFolderRefused)];
    return Fail(Code::kDenied,
                fmt::format("the server runs as '{}', which may not enter {}, where {} is. Mend it "
                            "with\n  chmod o+x {}\nor put the file somewhere else",
                            user, folder, whole, folder));
  }
  return {};
}

}  // namespace paddock::app
