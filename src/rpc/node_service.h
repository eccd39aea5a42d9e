// NodeService: a driver, served over gRPC on a unix socket, and over mutual TLS to other hosts.
//
// Used by `paddock node`. gRPC's threads only hand calls to the loop and take answers from it; the
// driver never sees them.
// Threading: loop thread. Ownership: `driver` outlives it; Shutdown before the destructor.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "aio/task.h"
#include "base/result.h"
#include "rpc/remote.h"
#include "sandbox/driver.h"

namespace paddock::rpc {

class NodeService {
 public:
  NodeService(boost::asio::any_io_executor executor, sandbox::Driver& driver);
  ~NodeService();
  NodeService(const NodeService&) = delete;
  NodeService& operator=(const NodeService&) = delete;

  /// Listens at `socket_path`, for root and members of `group`, and for other hosts as `remote`
  /// says. Fails with kUnavailable, and like certs::CheckFiles for the files in `remote`.
  [[nodiscard]] Result<void> Listen(const std::string& socket_path,
                                    gid_t group,
                                    const std::optional<RemoteAccess>& remote = std::nullopt);

  /// The port that other hosts reach, once it listens.
  [[nodiscard]] int remote_port() const noexcept;

  /// Takes no more calls, ends those under way and waits for them.
  [[nodiscard]] aio::Task<void> Shutdown();

 private:
  class Calls;
  std::unique_ptr<Calls> calls_;
};

}  // namespace paddock::rpc
