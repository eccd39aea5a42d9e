#include "images/image.h"

#include <cstddef>

namespace paddock::images {
namespace {

constexpr std::size_t kNameLengthMax = 32;
constexpr std::string_view kDigestPrefix = "sha256:";
constexpr std::size_t kDigestHexLength = 64;

}  // namespace

bool IsImageName(std::string_view text) noexcept {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
  return !text.empty() && text.size() <= kNameLengthMax && text[0] >= 'a' && text[0] <= 'z' &&
         text.find_first_not_of(kAllowed) == std::string_view::npos;
}

bool IsDigest(std::string_view text) noexcept {
  return text.starts_with(kDigestPrefix) &&
         text.size() == kDigestPrefix.size() + kDigestHexLength &&
         text.find_first_not_of("0123456789abcdef", kDigestPrefix.size()) == std::string_view::npos;
}

}  // namespace paddock::images
