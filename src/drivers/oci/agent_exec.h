// AgentExec: the second way to a sandbox's agent, for runtimes whose sandboxes can inherit nothing.
//
// Used by OciDriver with runsc. gVisor's kernel has sockets of its own: the agent listens on a path
// inside, and every connection is a `paddock-agent connect` that the runtime starts in the sandbox
// with one end of a socket pair as its standard input and output. docs/decisions/0009.
//
// Threading: loop thread. Ownership: nothing is kept; a connection ends with its stream.
#pragma once

#include <string>

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "drivers/oci/runtime.h"

namespace paddock::drivers::oci {

/// Where the agent listens inside. A learner may remove it and so lose their own agent, no more.
inline constexpr const char* kAgentSocketInside = "/dev/.paddock-agent";

/// A stream to the agent of the sandbox `name`. An agent that does not listen shows as the end of
/// the stream. Fails with kUnavailable (the runtime refuses), kExhausted, kDeadlineExceeded or
/// kCancelled.
[[nodiscard]] aio::Task<Result<UniqueFd>> ConnectByExec(Runtime runtime,
                                                        RuntimeFiles files,
                                                        std::string name,
                                                        Deadline deadline);

/// Sends SIGTERM to the first process inside. Errors as above.
[[nodiscard]] aio::Task<Result<void>> TerminateInside(Runtime runtime,
                                                      RuntimeFiles files,
                                                      std::string name,
                                                      Deadline deadline);

}  // namespace paddock::drivers::oci
