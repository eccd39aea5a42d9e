// Carry: one local connection over one WebSocket, until either ends.
//
// Used by Forwarder. Threading: loop thread.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "aio/task.h"
#include "base/result.h"
#include "forwarding/forward_target.h"

namespace paddock::forwarding {

/// Fails with kUnavailable (no server, or no certificate that this host trusts), kDenied (what the
/// server answered instead, with its status) or kCancelled. The end of either side is a success.
[[nodiscard]] aio::Task<Result<void>> Carry(boost::asio::ip::tcp::socket local,
                                            ForwardTarget target);

}  // namespace paddock::forwarding
