// Users of the sandbox, read by hand from its /etc/passwd and /etc/group.
//
// The static C library would load NSS plug-ins from the image: learner's code in the agent.
// Threading: loop thread. Nothing waits and nothing fails: an unknown uid gets plain defaults.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace paddock::agent {

struct User {
  uid_t uid = 0;
  gid_t gid = 0;
  std::string name;
  std::string home;
  std::string shell;
  std::vector<gid_t> groups;  // at most kGroupsMax, always with `gid`
};

inline constexpr std::size_t kGroupsMax = 64;

/// `uid` as /etc says, or a user of that number with the group of the same number, "/" and /bin/sh.
/// Remembered until one of the files changes.
[[nodiscard]] User FindUser(uid_t uid);

/// The same from the texts of the two files.
[[nodiscard]] User FindUserIn(uid_t uid, std::string_view passwd, std::string_view group);

}  // namespace paddock::agent
