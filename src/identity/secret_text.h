// Secrets that are handed out: sessions, API tokens and links. 256 random bits behind a prefix that
// says what it is, so that a found one is recognised, and of which the store keeps a hash only.
//
// Threading: pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

namespace paddock::identity {

inline constexpr std::string_view kSessionPrefix = "pds_";
inline constexpr std::string_view kApiTokenPrefix = "pdt_";
inline constexpr std::string_view kLinkPrefix = "pdl_";

[[nodiscard]] std::string NewSecretText(std::string_view prefix);

/// Whether `text` has the form of a secret with `prefix`: whoever takes one from outside asks
/// first. Says nothing about whether it is any good.
[[nodiscard]] bool IsSecretText(std::string_view text, std::string_view prefix) noexcept;

/// SHA-256 in hexadecimal. That is enough: nobody guesses 256 random bits, however fast the hash.
[[nodiscard]] std::string HashOfSecret(std::string_view text);

}  // namespace paddock::identity
