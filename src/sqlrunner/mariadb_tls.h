// BeginMariadbTls: TLS with a MariaDB server, which turns to it in the middle of letting somebody
// in.
//
// There the server speaks first, and the client's answer asks for TLS before it is said again
// inside: so this takes part in the conversation until the engine is let in, and only copies from
// then on. The engine sees a server that knows no TLS; packets are numbered one further outside.
// Used by ExternalDialer. Threading: loop thread. Ownership: as TlsRelay.
#pragma once

#include <memory>
#include <optional>

#include "aio/task_scope.h"
#include "base/deadline.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "sqlrunner/tls_relay.h"

namespace paddock::sqlrunner {

/// Why the engine found a closed connection, in words for the user.
using TlsRefusal = std::shared_ptr<std::optional<Error>>;

/// A socket to speak MariaDB's protocol on, until `deadline` without having been let in. Fails with
/// kInternal or kExhausted; what fails afterwards closes the socket, and is in `refusal` by then:
/// kDenied (no TLS, or a certificate that is not what was asked for), kUnavailable,
/// kDeadlineExceeded or kCancelled.
[[nodiscard]] Result<UniqueFd> BeginMariadbTls(TlsRelayPtr relay,
                                               TlsRefusal refusal,
                                               aio::TaskScope& relays,  // outlives the session
                                               Deadline deadline);

}  // namespace paddock::sqlrunner
