#include "gateway/websocket_handshake.h"

#include <algorithm>
#include <array>

#include <openssl/evp.h>
#include <openssl/sha.h>

namespace paddock::gateway {
namespace {

constexpr std::string_view kAcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t kKeyLength = 24;  // 16 bytes in base64
constexpr std::string_view kVersion = "13";

/// Calls `visit` with each element of the comma-separated header; stops when it returns true.
template <class Visit>
bool AnyToken(const Request& request, std::string_view name, Visit visit) {
  for (const HeaderView& header : request.headers) {
    if (!EqualsIgnoreCase(header.name, name)) {
      continue;
    }
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const auto end = std::min(rest.find(','), rest.size());
      std::string_view token = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const auto first = token.find_first_not_of(" \t");
      if (first == std::string_view::npos) {
        continue;
      }
      token = token.substr(first, token.find_last_not_of(" \t") - first + 1);
      if (visit(token)) {
        return true;
      }
    }
  }
  return false;
}

bool IsKey(std::string_view key) noexcept {
  const auto is_base64 = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  };
  return key.size() == kKeyLength && key.ends_with("==") &&
         std::ranges::all_of(key.substr(0, kKeyLength - 2), is_base64);
}

}  // namespace

std::optional<Response> CheckUpgrade(const Request& request, const RequestHead& head) {
  const bool upgrade = AnyToken(request, "Connection", [](std::string_view token) {
    return EqualsIgnoreCase(token, "upgrade");
  });
  const bool websocket = AnyToken(request, "Upgrade", [](std::string_view token) {
    return EqualsIgnoreCase(token, "websocket");
  });
  if (!upgrade || !websocket || request.Header("Sec-WebSocket-Version") != kVersion) {
    Response response = StatusResponse(request, 426, "A WebSocket (version 13) is served here.");
    response.Set("Upgrade", "websocket");
    response.Set("Sec-WebSocket-Version", std::string(kVersion));
    return response;
  }
  const bool has_body = head.chunked || head.content_length.value_or(0) > 0;
  if (request.method != Method::kGet || head.http_1_0 || has_body ||
      !IsKey(request.Header("Sec-WebSocket-Key").value_or(""))) {
    return StatusResponse(request, 400, "The WebSocket handshake is malformed.");
  }
  return std::nullopt;
}

bool IsSubprotocolOffered(const Request& request, std::string_view subprotocol) {
  return subprotocol.empty() ||
         AnyToken(request, "Sec-WebSocket-Protocol",
                  [subprotocol](std::string_view token) { return token == subprotocol; });
}

std::string AcceptKey(std::string_view key) {
  std::string text(key);
  text += kAcceptSuffix;
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  std::size_t length = digest.size();
  EVP_Q_digest(nullptr, "SHA1", nullptr, text.data(), text.size(), digest.data(), &length);
  std::array<unsigned char, 32> encoded{};
  const int count = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(length));
  return {encoded.begin(), encoded.begin() + count};
}

}  // namespace paddock::gateway
