// DialledStream: the server's side of one call of Connect.
//
// Made by NodeClient, which holds it until it is over. Loop thread, but for what gRPC calls.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <grpcpp/grpcpp.h>

#include "aio/condition.h"
#include "aio/task.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "model/ids.h"
#include "node.grpc.pb.h"
#include "rpc/piece_stream.h"
#include "rpc/stream_pump.h"

namespace paddock::rpc {

class DialledStream final
    : public grpc::ClientBidiReactor<node::v1::StreamPiece, node::v1::StreamPiece>,
      public PieceStream,
      public std::enable_shared_from_this<DialledStream> {
 public:
  struct Events {
    std::function<void()> over;      // on the loop
    std::function<void()> released;  // on gRPC's threads: it has let go of the call
  };

  DialledStream(boost::asio::any_io_executor executor, Events events);

  /// Asks for a stream to the agent of `id`. Call once; `released` follows.
  void Open(node::v1::Node::Stub& node, const SandboxId& id);

  /// The caller's end, once the node has connected the other one. Fails like Driver::Connect; the
  /// stream is cancelled then. `stream` keeps itself alive.
  [[nodiscard]] static aio::Task<Result<UniqueFd>> AwaitConnected(
      std::shared_ptr<DialledStream> stream, Deadline deadline);

  /// Nobody runs the loop any more: the call is cancelled and the socket closed.
  void Abandon();

  void Read() override;
  void Write() override;
  void Close(const grpc::Status& status) override;

  // Of gRPC.
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

 private:
  void HasRead(bool ok);
  void HasWritten(bool ok);
  void HasEnded(const grpc::Status& status);
  void LetGo();
  [[nodiscard]] Result<UniqueFd> StartPump();
  template <class Step>
  void OnLoop(Step step);

  boost::asio::any_io_executor executor_;
  Events events_;
  grpc::ClientContext context_;
  std::shared_ptr<DialledStream> self_;  // gRPC's hold
  std::shared_ptr<StreamPump> pump_;
  aio::Condition changed_;
  grpc::Status status_;
  bool has_asked_ = false;
  bool is_connected_ = false;
  bool is_held_ = false;  // gRPC waits for more operations of ours
  bool is_over_ = false;
};

}  // namespace paddock::rpc
