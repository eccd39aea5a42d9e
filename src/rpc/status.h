// The one table between Code and gRPC's status codes.
// Pure; any thread.
#pragma once

#include <grpcpp/support/status.h>

#include "base/result.h"

namespace paddock::rpc {

[[nodiscard]] grpc::Status ToStatus(const Error& error);

/// `status` is not OK. A status that no Code maps to becomes kInternal.
[[nodiscard]] Error FromStatus(const grpc::Status& status);

}  // namespace paddock::rpc
