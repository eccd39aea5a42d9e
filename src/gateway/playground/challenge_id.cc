#include "gateway/playground/challenge_id.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/check.h"
#include "base/encoding.h"

namespace paddock::gateway {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kQuestionLength = 8;
constexpr std::size_t kHeadLength = 1 + kQuestionLength;
constexpr std::size_t kMacLength = 32;
constexpr std::size_t kBytesMax = kHeadLength + kMacLength + kOutputIdBytesMax;
constexpr std::size_t kTextMax = (kBytesMax * 4 / 3) + 1;
constexpr std::string_view kLabel = "paddock challenge id 1\n";

std::string HeadOf(std::int64_t question) {
  std::string head{kVersion};
  const auto bits = static_cast<std::uint64_t>(question);
  for (unsigned i = 0; i < kQuestionLength; ++i) {
    head.push_back(static_cast<char>(static_cast<std::uint8_t>(bits >> (56U - 8U * i))));
  }
  return head;
}

std::int64_t QuestionOf(std::string_view head) {
  std::uint64_t bits = 0;
  for (std::size_t i = 1; i < kHeadLength; ++i) {
    bits = bits << 8U | static_cast<std::uint8_t>(head[i]);
  }
  return static_cast<std::int64_t>(bits);
}

}  // namespace

// Ids of users have one length, so what is covered reads in one way only.
std::string ChallengeIds::Mac(std::string_view head,
                              std::string_view output,
                              const UserId& user) const {
  PADDOCK_CHECK(user.value().size() == kIdLength);
  std::string covered(kLabel);
  covered.append(user.value()).append(head).append(output);
  std::string mac(kMacLength, '\0');
  std::size_t length = 0;
  // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL's bytes
  const auto* made =
      EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, secret_.data(), secret_.size(),
                reinterpret_cast<const unsigned char*>(covered.data()), covered.size(),
                reinterpret_cast<unsigned char*>(mac.data()), mac.size(), &length);
  // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
  PADDOCK_CHECK(made != nullptr && length == kMacLength);
  return mac;
}

std::string ChallengeIds::Write(const ChallengeId& id, const UserId& user) const {
  PADDOCK_CHECK(!id.output.empty() && id.output.size() <= kOutputIdBytesMax);
  const std::string head = HeadOf(id.question);
  return Base64UrlEncode(head + Mac(head, id.output, user) + id.output);
}

Result<ChallengeId> ChallengeIds::Read(std::string_view text, const UserId& user) const {
  const auto bytes = text.size() <= kTextMax ? Base64UrlDecode(text) : std::nullopt;
  if (!bytes || bytes->size() <= kHeadLength + kMacLength || bytes->front() != kVersion) {
    return Fail(Code::kInvalid, "Invalid challenge ID.");
  }
  const std::string_view all(*bytes);
  const auto head = all.substr(0, kHeadLength);
  const auto mac = all.substr(kHeadLength, kMacLength);
  const auto output = all.substr(kHeadLength + kMacLength);
  if (CRYPTO_memcmp(Mac(head, output, user).data(), mac.data(), kMacLength) != 0) {
    return Fail(Code::kNotFound, "Challenge not found or is expired.");
  }
  return ChallengeId{.question = QuestionOf(head), .output = std::string(output)};
}

}  // namespace paddock::gateway
