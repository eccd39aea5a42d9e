// Supervisor: keeps the node, the server, the SQL runner and the services of a split set running,
// as processes of one `paddock serve`.
//
// It is root, as a rule, and does nothing but start, watch (pidfd), restart and stop them, so that
// none can take another down. A child that dies is started again, after a pause that doubles. A
// child that gives up by itself (exit status 1 or 2) right at its first start has said why on
// standard error; starting it again would not help, so everything stops. SIGTERM and SIGINT stop
// all children; sandboxes live on. SIGHUP is passed on.
//
// Threading: runs before any thread exists; no loop. Children die with their supervisor.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace paddock::app {

struct ChildSpec {
  std::string name;                         // for messages
  std::vector<std::string> arguments;       // of this same program, after its name
  std::string user;                         // whom it runs as; empty: whoever we are
  bool reloads = false;                     // on SIGHUP, which would end another program
  bool has_bare_environment = false;        // for one that must not know what configures the others
  std::vector<std::string> variables = {};  // NOLINT: "NAME=value", what it knows all the same
};

/// Runs until a signal asks to stop or a child gives up. Returns the exit status for the process.
/// The children are stopped in the order of `specs`. Fails with kNotFound (no such user) or
/// kInternal.
[[nodiscard]] Result<int> Supervise(std::vector<ChildSpec> specs);

/// The ids of a user, read before dropping to it. kNotFound says how to make one.
struct UserIds {
  uid_t uid = 0;
  gid_t gid = 0;
};
[[nodiscard]] Result<UserIds> FindUser(const std::string& name);

}  // namespace paddock::app
