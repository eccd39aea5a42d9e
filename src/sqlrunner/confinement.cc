#include "sqlrunner/confinement.h"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include "sqlrunner/spill_file.h"

namespace paddock::sqlrunner {
namespace {

constexpr rlim_t kOpenFilesMax = 16'384;          // a conversation has half a dozen
constexpr rlim_t kMemoryMax = rlim_t{32} << 30U;  // address space: maps of spill files are in it
constexpr rlim_t kFileMax = kStoredBytesMax + (rlim_t{1} << 20U);

std::unexpected<Error> SystemFailure(std::string_view what) {
  return Fail(Code::kInternal, fmt::format("{}: {}", what, strerrordesc_np(errno)));
}

bool Limit(__rlimit_resource resource, rlim_t most) {
  rlimit now{};
  if (getrlimit(resource, &now) != 0) {
    return false;
  }
  const rlim_t hard = std::min(now.rlim_max, most);
  const rlimit wanted{.rlim_cur = hard, .rlim_max = hard};
  return setrlimit(resource, &wanted) == 0;
}

}  // namespace

Result<void> Confine(uid_t uid, gid_t gid) {
  if (geteuid() == 0 && uid != 0 &&
      (setgroups(0, nullptr) != 0 || setresgid(gid, gid, gid) != 0 ||
       setresuid(uid, uid, uid) != 0)) {
    return SystemFailure("give up root");
  }
  if (!Limit(RLIMIT_CORE, 0) || !Limit(RLIMIT_NOFILE, kOpenFilesMax) ||
      !Limit(RLIMIT_AS, kMemoryMax) || !Limit(RLIMIT_FSIZE, kFileMax)) {
    return SystemFailure("limit resources");
  }
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return SystemFailure("give up privileges");
  }
  return {};
}

}  // namespace paddock::sqlrunner
