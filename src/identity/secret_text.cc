#include "identity/secret_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/encoding.h"
#include "base/random.h"
#include "crypto/sha256.h"

namespace paddock::identity {
namespace {

constexpr std::size_t kRandomBytes = 32;
constexpr std::size_t kEncodedLength = (kRandomBytes * 4 + 2) / 3;

bool IsBase64Url(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

}  // namespace

std::string NewSecretText(std::string_view prefix) {
  std::array<std::uint8_t, kRandomBytes> bytes{};
  FillRandom(bytes);
  const std::string text(bytes.begin(), bytes.end());
  return std::string(prefix) + Base64UrlEncode(text);
}

bool IsSecretText(std::string_view text, std::string_view prefix) noexcept {
  return text.size() == prefix.size() + kEncodedLength && text.starts_with(prefix) &&
         std::ranges::all_of(text.substr(prefix.size()), IsBase64Url);
}

std::string HashOfSecret(std::string_view text) { return crypto::Sha256Of(text); }

}  // namespace paddock::identity
