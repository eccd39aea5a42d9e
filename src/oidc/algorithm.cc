#include "oidc/algorithm.h"

#include <array>
#include <utility>

namespace paddock::oidc {
namespace {

using enum Algorithm;

constexpr auto kNames = std::to_array<std::pair<std::string_view, Algorithm>>({
    {"RS256", kRs256},
    {"RS384", kRs384},
    {"RS512", kRs512},
    {"PS256", kPs256},
    {"PS384", kPs384},
    {"PS512", kPs512},
    {"ES256", kEs256},
    {"ES384", kEs384},
    {"ES512", kEs512},
    {"EdDSA", kEdDsa},
    {"Ed25519", kEdDsa},  // what RFC 9864 calls the only curve of it that there is here
});

}  // namespace

std::optional<Algorithm> AlgorithmOf(std::string_view name) noexcept {
  for (const auto& [known, algorithm] : kNames) {
    if (known == name) {
      return algorithm;
    }
  }
  return std::nullopt;
}

std::string_view Name(Algorithm algorithm) noexcept {
  for (const auto& [name, known] : kNames) {
    if (known == algorithm) {
      return name;
    }
  }
  return "unknown";  // unreachable for valid values
}

}  // namespace paddock::oidc
