// AppendResponseHead: status line and headers of an answer, with what every answer carries.
//
// Used by the connection loop. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/http.h"

namespace paddock::gateway {

/// For everything that is no page: nothing may be loaded, run or framed.
inline constexpr std::string_view kApiContentSecurityPolicy =
    "default-src 'none'; frame-ancestors 'none'; sandbox";

struct ResponseFraming {
  std::optional<std::uint64_t> content_length;  // absent: no body allowed, or chunked
  bool chunked = false;
  bool keep_alive = true;
  bool say_keep_alive = false;  // an HTTP/1.0 client asked for it
};

/// Appends to `out`, up to and with the empty line. A response's own Content-Security-Policy and
/// Cache-Control win over the defaults. A header with a control character is dropped: it could
/// end the head early.
void AppendResponseHead(std::string& out,
                        const Response& response,
                        std::string_view request_id,
                        std::string_view date,
                        const ResponseFraming& framing);

}  // namespace paddock::gateway
