// Urls: what a configured or discovered address may look like, and text for queries and forms.
//
// Used by the configuration, discovery, the HTTP client and the login. A secret never travels in
// the clear, so http is for loopback hosts only; everything that two parsers of URLs might read
// differently (user info, backslashes, spaces, raw bytes) is refused.
//
// Threading: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace paddock::oidc {

inline constexpr std::size_t kUrlBytesMax = 2048;

struct Url {
  std::string scheme;     // "https" or "http"
  std::string host;       // lower case; an IPv6 address has its brackets
  std::string authority;  // host and, if given, port
  std::string path;       // from the first slash on, with the query; may be empty
  bool is_loopback = false;
};

/// Fails with kInvalid; the message says what an address must be.
[[nodiscard]] Result<Url> ParseUrl(std::string_view text);

/// Percent-encodes all but the unreserved characters of RFC 3986.
[[nodiscard]] std::string PercentEncode(std::string_view text);

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// "a=1&b=2", encoded: a query or the body of a form.
[[nodiscard]] std::string FormEncode(const Parameters& parameters);

}  // namespace paddock::oidc
