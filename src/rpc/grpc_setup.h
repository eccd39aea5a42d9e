// SetUpGrpc: what gRPC is to do in this process as a whole.
//
// Called by app/ once, before gRPC is used and before there is another thread.
#pragma once

namespace paddock::rpc {

/// Errors of gRPC go into our log, as warnings: for us most are a stranger's handshake that has
/// failed. At most one a second; how many were left out is said with the next one. Names of hosts
/// are looked up as every program of this host does it, not by gRPC's own way.
void SetUpGrpc();

}  // namespace paddock::rpc
