// PieceStream: one side of the RPC Connect, as StreamPump uses it.
//
// Implemented by ServedStream (the node) and DialledStream (the server). Loop thread only; what
// gRPC's threads hear arrives on the loop. The messages belong to gRPC while a call is under way.
#pragma once

#include <cstddef>

#include <grpcpp/support/status.h>

#include "node.pb.h"

namespace paddock::rpc {

inline constexpr std::size_t kPieceBytesMax = 65'536;

class PieceStream {
 public:
  PieceStream() = default;
  PieceStream(const PieceStream&) = delete;
  PieceStream& operator=(const PieceStream&) = delete;
  virtual ~PieceStream() = default;

  /// Fills `received`; answered once by StreamPump::OnRead. At most one at a time.
  virtual void Read() = 0;
  /// Sends `outgoing`; answered once by StreamPump::OnWritten. At most one at a time.
  virtual void Write() = 0;
  /// Ends both directions: the node with `status`, the server by cancelling. May be repeated.
  virtual void Close(const grpc::Status& status) = 0;

  node::v1::StreamPiece received;
  node::v1::StreamPiece outgoing;
};

}  // namespace paddock::rpc
