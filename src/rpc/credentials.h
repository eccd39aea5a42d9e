// Mutual TLS for gRPC: who may connect, and who may call.
//
// Used by the node's service and its client. Any thread.
#pragma once

#include <memory>

#include <grpcpp/grpcpp.h>

#include "rpc/remote.h"

namespace paddock::rpc {

/// The one place where clients are authorised: TLS demands a certificate of the authority, for
/// clients and in its time, and each call of every method is refused with PERMISSION_DENIED unless
/// a DNS name in the certificate is one of `access.clients`. A renewed certificate is shown to
/// every new connection; old ones live on. For one port of one server.
[[nodiscard]] std::shared_ptr<grpc::ServerCredentials> CredentialsFor(const RemoteAccess& access);

/// The node must have a certificate of the authority, for servers and for the host in its address.
[[nodiscard]] std::shared_ptr<grpc::ChannelCredentials> CredentialsFor(
    const certs::Identity& identity);

/// For a connection between two hosts: finds out in time that the other one is gone without a word,
/// and bounds what a stream holds whose reader is slow.
[[nodiscard]] grpc::ChannelArguments RemoteSettings();
void AddRemoteSettings(grpc::ServerBuilder& builder);

}  // namespace paddock::rpc
