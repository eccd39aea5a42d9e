#include "identity/passwords.h"

#include <argon2.h>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "aio/offload.h"
#include "base/log.h"
#include "base/random.h"
#include "identity/common_passwords.h"

namespace paddock::identity {
namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr std::uint32_t kLanes = 1;  // the pool is what runs side by side
constexpr std::size_t kPhcBytesMax = 256;

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

std::size_t CharacterCount(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// The name, or a few characters, over and over: "abcabcabcabc".
bool IsRepetition(std::string_view text) {
  constexpr std::size_t kPeriodMax = 4;
  for (std::size_t period = 1; period <= kPeriodMax; ++period) {
    if (text.substr(period) == text.substr(0, text.size() - period)) {
      return true;
    }
  }
  return false;
}

/// "$argon2id$v=19$m=32768,t=3,p=1$": what stands before the salt.
std::string ParametersOf(const PasswordCost& cost) {
  return fmt::format("$argon2id$v={}$m={},t={},p={}$", static_cast<int>(ARGON2_VERSION_NUMBER),
                     cost.memory_kib, cost.passes, kLanes);
}

Result<std::string> HashNow(const std::string& password, const PasswordCost& cost) {
  std::array<std::uint8_t, kSaltBytes> salt{};
  FillRandom(salt);
  std::array<char, kPhcBytesMax> encoded{};
  const int outcome =
      argon2id_hash_encoded(cost.passes, cost.memory_kib, kLanes, password.data(), password.size(),
                            salt.data(), salt.size(), kHashBytes, encoded.data(), encoded.size());
  if (outcome != ARGON2_OK) {
    return Fail(outcome == ARGON2_MEMORY_ALLOCATION_ERROR ? Code::kExhausted : Code::kInternal,
                fmt::format("hash a password: {}", argon2_error_message(outcome)));
  }
  return std::string(encoded.data());
}

Result<bool> VerifyNow(const std::string& password,
                       const std::optional<std::string>& hash,
                       const PasswordCost& cost) {
  if (!hash) {
    auto hashed = HashNow(password, cost);
    if (!hashed) {
      return Fail(std::move(hashed).error());
    }
    return false;
  }
  const int outcome = argon2id_verify(hash->c_str(), password.data(), password.size());
  if (outcome == ARGON2_OK || outcome == ARGON2_VERIFY_MISMATCH) {
    return outcome == ARGON2_OK;
  }
  return Fail(outcome == ARGON2_MEMORY_ALLOCATION_ERROR ? Code::kExhausted : Code::kInternal,
              fmt::format("check a password: {}", argon2_error_message(outcome)));
}

std::unexpected<Error> Busy() {
  return Fail(Code::kExhausted, "Too many people are signing in right now. Please try again.");
}

}  // namespace

Result<void> CheckNewPassword(std::string_view password, std::string_view name_key) {
  if (CharacterCount(password) < kPasswordCharactersMin) {
    return Fail(Code::kInvalid,
                fmt::format("password must have at least {} characters: a few words are easy to "
                            "remember and hard to guess",
                            kPasswordCharactersMin));
  }
  if (password.size() > kPasswordBytesMax) {
    return Fail(Code::kInvalid,
                fmt::format("password must have at most {} bytes", kPasswordBytesMax));
  }
  const std::string lower = Lower(password);
  if (lower == name_key) {
    return Fail(Code::kInvalid, "password must not be the name");
  }
  if (IsRepetition(lower) || IsCommonPassword(lower)) {
    return Fail(Code::kInvalid,
                "password is one of those that are tried first. Please choose another.");
  }
  return {};
}

PasswordHasher::PasswordHasher(PasswordCost cost) : cost_(cost) {}

aio::Task<Result<std::string>> PasswordHasher::Hash(std::string password) {
  const auto place = places_.TryTake();
  if (!place) {
    co_return Busy();
  }
  ++work_count_;
  auto work = [text = std::move(password), cost = cost_] { return HashNow(text, cost); };
  auto hashed = co_await aio::Offload(pool_, std::move(work));
  co_return hashed;
}

aio::Task<Result<bool>> PasswordHasher::Verify(std::string password,
                                               std::optional<std::string> hash) {
  const auto place = places_.TryTake();
  if (!place) {
    co_return Busy();
  }
  ++work_count_;
  auto work = [text = std::move(password), known = std::move(hash), cost = cost_] {
    return VerifyNow(text, known, cost);
  };
  auto verified = co_await aio::Offload(pool_, std::move(work));
  co_return verified;
}

bool PasswordHasher::IsOutdated(std::string_view hash) const {
  return !hash.starts_with(ParametersOf(cost_));
}

}  // namespace paddock::identity
