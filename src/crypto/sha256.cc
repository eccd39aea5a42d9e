#include "crypto/sha256.h"

#include <array>

#include <fmt/ranges.h>
#include <openssl/evp.h>

#include "base/check.h"
#include "crypto/owned.h"

namespace paddock::crypto {
namespace {

using Digest = std::array<unsigned char, 32>;

std::string TextOf(const Digest& digest) { return fmt::format("{:02x}", fmt::join(digest, "")); }

}  // namespace

struct Sha256::State {
  Owned<EVP_MD_CTX, EVP_MD_CTX_free> context{EVP_MD_CTX_new()};

  State() { PADDOCK_CHECK(EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::Add(std::string_view bytes) {
  PADDOCK_CHECK(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1);
}

std::string Sha256::Finish() {
  Digest digest{};
  PADDOCK_CHECK(EVP_DigestFinal_ex(state_->context.get(), digest.data(), nullptr) == 1);
  return TextOf(digest);
}

std::string Sha256Of(std::string_view bytes) {
  Digest digest{};
  PADDOCK_CHECK(
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) == 1);
  return TextOf(digest);
}

}  // namespace paddock::crypto
