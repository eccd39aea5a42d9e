// Handover: passes open streams to agents from the node to the server, over a unix socket.
//
// The server cannot open an agent's socket itself, since that lies in root's directory; once it has
// the descriptor, the node is no longer in between, and may even die.
//
// One exchange per connection (SOCK_SEQPACKET): the client sends the sandbox's id, the node answers
// one byte and a message: 0, and the descriptor with it; or 1 + Code, and the reason.
// Threading: loop thread. Ownership: `driver` outlives the service; Shutdown before its destructor.
#pragma once

#include <sys/types.h>

#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "aio/gate.h"
#include "aio/task.h"
#include "aio/task_scope.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "model/ids.h"
#include "sandbox/driver.h"

namespace paddock::rpc {

class HandoverService {
 public:
  /// Only root and `user` are answered.
  HandoverService(boost::asio::any_io_executor executor, sandbox::Driver& driver, uid_t user);

  /// Fails with kUnavailable.
  [[nodiscard]] Result<void> Listen(const std::string& socket_path, gid_t group);

  [[nodiscard]] aio::Task<void> Shutdown();

 private:
  [[nodiscard]] aio::Task<void> AcceptForever(UniqueFd listener);
  [[nodiscard]] aio::Task<void> Serve(UniqueFd connection);

  boost::asio::any_io_executor executor_;
  sandbox::Driver& driver_;
  uid_t user_;
  aio::Gate exchanges_;
  aio::TaskScope scope_;
};

/// A stream to the agent of `id` from the service at `socket_path`. Fails like Driver::Connect, and
/// with kUnavailable when no node is there.
[[nodiscard]] aio::Task<Result<UniqueFd>> TakeStream(std::string socket_path,
                                                     SandboxId id,
                                                     Deadline deadline);

}  // namespace paddock::rpc
