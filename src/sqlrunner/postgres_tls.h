// BeginPostgresTls: asks a PostgreSQL server (or KWDB) for TLS, before anything else is said.
//
// Used by ExternalDialer. Threading: loop thread. Ownership: as TlsRelay.
#pragma once

#include "aio/task.h"
#include "aio/task_scope.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "sqlrunner/tls_relay.h"

namespace paddock::sqlrunner {

/// The result is a socket to speak PostgreSQL's protocol on: the connection itself where TLS
/// is only preferred and not offered. Fails with kDenied (no TLS, or a certificate that is not what
/// was asked for), kUnavailable, kDeadlineExceeded or kCancelled, in words for the user.
[[nodiscard]] aio::Task<Result<UniqueFd>> BeginPostgresTls(
    TlsRelayPtr relay,
    aio::TaskScope& relays,  // outlives the session
    Deadline deadline);

}  // namespace paddock::sqlrunner
