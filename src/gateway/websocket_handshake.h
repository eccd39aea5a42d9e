// The opening handshake of a WebSocket, RFC 6455 section 4.2. Pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/http.h"
#include "gateway/request_head.h"

namespace paddock::gateway {

/// nullopt: a valid upgrade. Else 426 (no upgrade asked for, or another version) or 400.
[[nodiscard]] std::optional<Response> CheckUpgrade(const Request& request, const RequestHead& head);

/// True when the client offered `subprotocol`, or when it is empty.
[[nodiscard]] bool IsSubprotocolOffered(const Request& request, std::string_view subprotocol);

/// The value of Sec-WebSocket-Accept for the client's key.
[[nodiscard]] std::string AcceptKey(std::string_view key);

}  // namespace paddock::gateway
