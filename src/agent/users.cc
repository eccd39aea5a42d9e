#include "agent/users.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <map>

#include "agent/file_text.h"

namespace paddock::agent {

namespace {

constexpr std::size_t kUserFileMax = 1U << 20U;
constexpr std::size_t kUserCountMax = 64;

void AddGroup(User& user, gid_t gid) {
  if (user.groups.size() < kGroupsMax && std::ranges::find(user.groups, gid) == user.groups.end()) {
    user.groups.push_back(gid);
  }
}

// name:password:uid:gid:comment:home:shell
bool ReadUserLine(std::string_view line, User& user) {
  const auto name = TakeUntil(line, ':');
  (void)TakeUntil(line, ':');
  const auto uid = ParseNumber(TakeUntil(line, ':'));
  const auto gid = ParseNumber(TakeUntil(line, ':'));
  if (!uid || !gid || *uid != user.uid) {
    return false;
  }
  (void)TakeUntil(line, ':');
  const auto home = TakeUntil(line, ':');
  user.name = name;
  user.gid = static_cast<gid_t>(*gid);
  user.home = home.starts_with('/') ? home : "/";
  user.shell = line.starts_with('/') ? line : "/bin/sh";
  return true;
}

// name:password:gid:member,member
void ReadGroupLine(std::string_view line, User& user) {
  (void)TakeUntil(line, ':');
  (void)TakeUntil(line, ':');
  const auto gid = ParseNumber(TakeUntil(line, ':'));
  while (gid && !line.empty()) {
    if (TakeUntil(line, ',') == user.name) {
      AddGroup(user, static_cast<gid_t>(*gid));
    }
  }
}

// Tells a file from what it was when it was read.
struct Stamp {
  ino_t inode = 0;
  off_t size = -1;
  std::int64_t modified_s = 0;
  std::int64_t modified_ns = 0;
  friend bool operator==(const Stamp&, const Stamp&) = default;
};
using Stamps = std::array<Stamp, 2>;

struct UserCache {
  Stamps stamps;
  std::map<uid_t, User> users;
};

Stamp StampOf(const char* path) {
  struct stat status{};
  if (stat(path, &status) != 0) {
    return {};
  }
  return {.inode = status.st_ino,
          .size = status.st_size,
          .modified_s = status.st_mtim.tv_sec,
          .modified_ns = status.st_mtim.tv_nsec};
}

}  // namespace

User FindUserIn(uid_t uid, std::string_view passwd, std::string_view group) {
  User user{.uid = uid,
            .gid = static_cast<gid_t>(uid),
            .name = uid == 0 ? "root" : std::to_string(uid),
            .home = uid == 0 ? "/root" : "/",
            .shell = "/bin/sh",
            .groups = {}};
  while (!passwd.empty() && !ReadUserLine(TakeUntil(passwd, '\n'), user)) {
  }
  AddGroup(user, user.gid);
  while (!group.empty()) {
    ReadGroupLine(TakeUntil(group, '\n'), user);
  }
  return user;
}

User FindUser(uid_t uid) {
  static UserCache cache;
  const Stamps stamps{StampOf("/etc/passwd"), StampOf("/etc/group")};
  if (cache.stamps != stamps || cache.users.size() >= kUserCountMax) {
    cache = {.stamps = stamps, .users = {}};
  }
  const auto found = cache.users.find(uid);
  if (found != cache.users.end()) {
    return found->second;
  }
  const auto passwd = ReadSmallFile(AT_FDCWD, "/etc/passwd", kUserFileMax);
  const auto group = ReadSmallFile(AT_FDCWD, "/etc/group", kUserFileMax);
  return cache.users[uid] = FindUserIn(uid, passwd.value_or(""), group.value_or(""));
}

}  // namespace paddock::agent
