#include "images/sha256.h"

#include <array>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "base/check.h"

namespace paddock::images {

std::string Sha256(std::string_view content) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  const int done =
      EVP_Digest(content.data(), content.size(), digest.data(), &length, EVP_sha256(), nullptr);
  PADDOCK_CHECK(done == 1);
  std::string text = "sha256:";
  for (unsigned i = 0; i < length; ++i) {
    text += fmt::format("{:02x}", digest[i]);
  }
  return text;
}

}  // namespace paddock::images
