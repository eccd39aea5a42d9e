// ParseHead: a request line and its headers, checked so strictly that no proxy in front can see
// another request than we do.
//
// Used by the connection loop. Beast's parser does the grammar; what it leaves open (two lengths,
// codings, folding, hosts) is refused here. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http.h"

namespace paddock::gateway {

struct RequestHead {
  Method method = Method::kGet;
  std::string_view target;
  std::string_view host;  // empty only with HTTP/1.0
  std::vector<HeaderView> headers;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = true;
  bool http_1_0 = false;
  bool expects_continue = false;
};

/// A refusal with the status that says why: 400, 414, 417, 431, 501 or 505.
struct HeadError {
  int status = 400;
  std::string message;
};

/// The position behind the empty line that ends the head, or npos. Starts looking at `from`, so
/// that a head that comes byte by byte is not searched again and again.
[[nodiscard]] std::size_t FindHeadEnd(std::string_view bytes, std::size_t from) noexcept;

/// `bytes` ends with the empty line. The views in `head`, which is reused, point into it.
[[nodiscard]] std::expected<void, HeadError> ParseHead(std::string_view bytes,
                                                       int header_count_max,
                                                       RequestHead& head);

}  // namespace paddock::gateway
