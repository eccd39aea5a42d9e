// NodeClient: the driver of a node process, seen from the server.
//
// Calls go over gRPC to RUN_DIR/node.sock, streams to agents come through RUN_DIR/connect.sock. To
// a node on another host both go over mutual TLS; a stream is a pair of sockets then, and the bytes
// between it and the agent pass through this process and the node.
// When the node restarts, calls wait a moment for it and go on; a call that was under way fails
// with kUnavailable. Every call may fail so, or with kDeadlineExceeded or kCancelled.
//
// Threading: loop thread. Ownership: the loop outlives it; the destructor waits until gRPC has let
// go of every call.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "rpc/remote.h"
#include "sandbox/driver.h"

namespace paddock::rpc {

class NodeClient final : public sandbox::Driver {
 public:
  NodeClient(boost::asio::any_io_executor executor, const std::string& run_dir);
  /// The files have passed certs::CheckFiles; otherwise every call fails with kUnavailable.
  NodeClient(boost::asio::any_io_executor executor, const RemoteService& node);
  ~NodeClient() override;
  NodeClient(const NodeClient&) = delete;
  NodeClient& operator=(const NodeClient&) = delete;

  aio::Task<Result<sandbox::Capabilities>> GetCapabilities(Deadline deadline) override;
  aio::Task<Result<sandbox::Info>> Create(sandbox::Spec spec, Deadline deadline) override;
  aio::Task<Result<UniqueFd>> Connect(SandboxId id, Deadline deadline) override;
  aio::Task<Result<void>> Stop(SandboxId id, Deadline deadline) override;
  aio::Task<Result<void>> Start(SandboxId id, Deadline deadline) override;
  aio::Task<Result<void>> Pause(SandboxId id, Deadline deadline) override;
  aio::Task<Result<void>> Resume(SandboxId id, Deadline deadline) override;
  aio::Task<Result<void>> Snapshot(SandboxId id, std::string name, Deadline deadline) override;
  aio::Task<Result<void>> Transfer(SandboxId id, UserId owner, Deadline deadline) override;
  aio::Task<Result<sandbox::Usage>> Stats(SandboxId id, Deadline deadline) override;
  aio::Task<Result<std::string>> Logs(SandboxId id, Deadline deadline) override;
  aio::Task<Result<void>> Destroy(SandboxId id, Deadline deadline) override;
  aio::Task<Result<std::vector<sandbox::Info>>> List(Deadline deadline) override;

 private:
  class Link;
  std::shared_ptr<Link> link_;
};

}  // namespace paddock::rpc
