#include "identity/tokens.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/check.h"
#include "base/encoding.h"
#include "crypto/owned.h"

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
  const auto count = static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
  for (unsigned i = 0; i < kTimeLength; ++i) {
    out.push_back(static_cast<char>(static_cast<std::uint8_t>(count >> (56U - 8U * i))));
  }
}

SystemTime ReadTime(std::string_view payload, std::size_t at) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < kTimeLength; ++i) {
    count = count << 8U | static_cast<std::uint8_t>(payload[at + i]);
  }
  return SystemTime(std::chrono::seconds(static_cast<std::int64_t>(count)));
}

}  // namespace

std::string_view Name(UserKind kind) noexcept {
  switch (kind) {
    case UserKind::kGuest: return "guest";
  }
  return "unknown";
}

void TokenSigner::FreeMac::operator()(EVP_MAC_CTX* context) const noexcept {
  EVP_MAC_CTX_free(context);
}

TokenSigner::TokenSigner(const Secret& secret, std::chrono::seconds lifetime)
    : lifetime_(lifetime) {
  PADDOCK_CHECK(lifetime > std::chrono::seconds(0));
  const crypto::Owned<EVP_MAC, EVP_MAC_free> algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  keyed_.reset(EVP_MAC_CTX_new(algorithm.get()));  // it has a reference of its own
  std::string digest("SHA256");
  const std::array<OSSL_PARAM, 2> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), digest.size()),
      OSSL_PARAM_construct_end()};
  PADDOCK_CHECK(keyed_ != nullptr &&
                EVP_MAC_init(keyed_.get(), secret.data(), secret.size(), parameters.data()) == 1);
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
  std::size_t length = 0;
  const MacContext context(EVP_MAC_CTX_dup(keyed_.get()));
  PADDOCK_CHECK(context != nullptr);
  PADDOCK_CHECK(EVP_MAC_update(context.get(), crypto::Unsigned(input), input.size()) == 1 &&
                EVP_MAC_final(context.get(), mac.data(), &length, mac.size()) == 1 &&
                length == kMacLength);
  return {mac.begin(), mac.begin() + kMacLength};
}

}  // namespace paddock::identity
