// OpenDirectForward: a connection to an agent that becomes a forward's stream.
//
// Nothing is relayed here, and no descriptor comes out of the sandbox: the two ends are sockets of
// their own, so that whatever the sandbox does with its end, calls on ours do not wait
// (docs/decisions/0017-direct-forwards.md).
//
// Threading: loop thread. Everything that arrives is hostile.
#pragma once

#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "protocol/requests.h"

namespace paddock::sandbox::internal {

/// Whether nobody can send descriptors to `socket`: the kernel would close them in the name of who
/// reads, and that can be made to take as long as the sender likes.
[[nodiscard]] bool RefusesDescriptors(int socket);

/// `stream` is a new one to an agent, non-blocking, and `request` is direct. Fails as the agent
/// says, with kExhausted (the connection did not get as far as a greeting: the agent has no place
/// for one more, or it takes descriptors), kUnavailable (the agent broke the protocol or went
/// away), kDeadlineExceeded or kCancelled.
[[nodiscard]] aio::Task<Result<UniqueFd>> OpenDirectForward(UniqueFd stream,
                                                            protocol::ForwardRequest request,
                                                            Deadline deadline);

}  // namespace paddock::sandbox::internal
