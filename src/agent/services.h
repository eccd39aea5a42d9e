// Services: what every channel of every connection works with.
//
// Threading: loop thread. Ownership: the Server owns all of it and outlives the channels.
#pragma once

#include <string>
#include <vector>

#include "agent/jobs.h"
#include "agent/loop.h"
#include "protocol/requests.h"

namespace paddock::agent {

struct Services {
  Loop& loop;
  Jobs& jobs;
  Children& children;
  const Cgroups* cgroups = nullptr;      // null: the engine gave none
  std::vector<std::string> environment;  // the sandbox's own, NAME=value
};

/// The sandbox's environment, overridden by HOME, USER, LOGNAME and SHELL of `user`, those by
/// `added`. PATH is set when nobody set it.
[[nodiscard]] std::vector<std::string> MakeEnvironment(const Services& services,
                                                       const User& user,
                                                       const protocol::Environment& added);

}  // namespace paddock::agent
