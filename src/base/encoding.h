// Bytes as text: base64 in both alphabets.
//
// Used by whoever puts binary data into JSON, URLs or headers. Thread-safe: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace paddock {

/// RFC 4648 section 4, with padding.
[[nodiscard]] std::string Base64Encode(std::string_view bytes);

/// RFC 4648 section 5 ("-" and "_"), without padding: safe in URLs, cookies and headers.
[[nodiscard]] std::string Base64UrlEncode(std::string_view bytes);

/// The strict inverses: nothing for a foreign character, wrong length or padding, or set bits that
/// no encoder leaves, so that one value has exactly one text.
[[nodiscard]] std::optional<std::string> Base64Decode(std::string_view text);
[[nodiscard]] std::optional<std::string> Base64UrlDecode(std::string_view text);

}  // namespace paddock
