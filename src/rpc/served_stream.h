// ServedStream: the node's side of one call of Connect.
//
// Made by NodeService for each call; gRPC holds it until the call is over. Loop thread, but for
// the constructor and what gRPC calls.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <grpcpp/grpcpp.h>

#include "base/result.h"
#include "base/unique_fd.h"
#include "node.grpc.pb.h"
#include "rpc/piece_stream.h"
#include "rpc/stream_pump.h"

namespace paddock::rpc {

class ServedStream final
    : public grpc::ServerBidiReactor<node::v1::StreamPiece, node::v1::StreamPiece>,
      public PieceStream,
      public std::enable_shared_from_this<ServedStream> {
 public:
  /// Both are called on the loop: when the caller has said which sandbox it wants, and at the end.
  struct Events {
    std::function<void(std::shared_ptr<ServedStream>)> asked;
    std::function<void(std::shared_ptr<ServedStream>)> over;
  };

  /// Nothing happens until Read, from the loop.
  [[nodiscard]] static std::shared_ptr<ServedStream> Make(boost::asio::any_io_executor executor,
                                                          Events events);

  /// Moves bytes from now on. The answer to `asked`, as Stop is.
  void Begin(UniqueFd agent);
  void Stop(const Error& reason);

  void Read() override;
  void Write() override;
  void Close(const grpc::Status& status) override;

  // Of gRPC.
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  ServedStream(boost::asio::any_io_executor executor, Events events);
  void HasRead(bool ok);
  template <class Step>
  void OnLoop(Step step);

  boost::asio::any_io_executor executor_;
  Events events_;
  std::shared_ptr<ServedStream> self_;  // gRPC's hold
  std::shared_ptr<StreamPump> pump_;
  bool has_asked_ = false;
  bool is_closed_ = false;
};

}  // namespace paddock::rpc
