#include "identity/tokens.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"
#include "base/encoding.h"

namespace paddock::identity {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kMacLength = 32;
constexpr std::size_t kTimeLength = 8;
constexpr std::size_t kIssuedAt = 2;
constexpr std::size_t kExpiresAt = kIssuedAt + kTimeLength;
constexpr std::size_t kUserAt = kExpiresAt + kTimeLength;
constexpr std::size_t kPayloadLength = kUserAt + kIdLength;
constexpr std::size_t kTokenLength = (kPayloadLength + kMacLength) * 4 / 3 + 1;
constexpr std::string_view kLabel = "paddock session token 1\n";

void AppendTime(std::string& out, SystemTime time) {
  const auto seconds = static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
  for (unsigned i = 0; i < kTimeLength; ++i) {
    out.push_back(static_cast<char>(static_cast<std::uint8_t>(seconds >> (56U - 8U * i))));
  }
}

SystemTime ReadTime(std::string_view payload, std::size_t at) {
  std::uint64_t seconds = 0;
  for (std::size_t i = 0; i < kTimeLength; ++i) {
    seconds = seconds << 8U | static_cast<std::uint8_t>(payload[at + i]);
  }
  return SystemTime(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

}  // namespace

std::string_view Name(UserKind kind) noexcept {
  switch (kind) {
    case UserKind::kGuest: return "guest";
  }
  return "unknown";
}

TokenSigner::TokenSigner(const Secret& secret, std::chrono::seconds lifetime)
    : secret_(secret), lifetime_(lifetime) {
  PADDOCK_CHECK(lifetime > std::chrono::seconds(0));
}

TokenSigner::Issued TokenSigner::Issue(const User& user, SystemTime now) const {
  const SystemTime issued_at = std::chrono::floor<std::chrono::seconds>(now);
  Session session{.user = user, .issued_at = issued_at, .expires_at = issued_at + lifetime_};
  std::string bytes{kVersion, static_cast<char>(user.kind)};
  AppendTime(bytes, session.issued_at);
  AppendTime(bytes, session.expires_at);
  bytes += user.id.value();
  PADDOCK_CHECK(bytes.size() == kPayloadLength);
  bytes += Mac(bytes);
  return {.token = Base64UrlEncode(bytes), .session = std::move(session)};
}

Result<Session> TokenSigner::Verify(std::string_view token, SystemTime now) const {
  auto refusal = Fail(Code::kDenied, "the session token is not valid");
  if (token.size() > kTokenLength) {
    return refusal;  // before the work of decoding it
  }
  const auto bytes = Base64UrlDecode(token);
  if (!bytes || bytes->size() != kPayloadLength + kMacLength) {
    return refusal;
  }
  const auto payload = std::string_view(*bytes).substr(0, kPayloadLength);
  if (CRYPTO_memcmp(Mac(payload).data(), bytes->data() + kPayloadLength, kMacLength) != 0) {
    return refusal;
  }
  const auto user_id = payload.substr(kUserAt);
  Session session{
      .user = {.id = UserId(std::string(user_id)), .kind = static_cast<UserKind>(payload[1])},
      .issued_at = ReadTime(payload, kIssuedAt),
      .expires_at = ReadTime(payload, kExpiresAt)};
  if (payload[0] != kVersion || session.user.kind != UserKind::kGuest || !IsIdText(user_id) ||
      now >= session.expires_at) {
    return refusal;
  }
  return session;
}

bool TokenSigner::IsRenewalDue(const Session& session, SystemTime now) noexcept {
  return now - session.issued_at >= (session.expires_at - session.issued_at) / 10;
}

std::string TokenSigner::Mac(std::string_view payload) const {
  std::string input(kLabel);
  input += payload;
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned length = 0;
  const auto* made = HMAC(
      EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL's bytes are unsigned
      reinterpret_cast<const unsigned char*>(input.data()), input.size(), mac.data(), &length);
  PADDOCK_CHECK(made != nullptr && length == kMacLength);
  return {mac.begin(), mac.begin() + kMacLength};
}

}  // namespace paddock::identity
